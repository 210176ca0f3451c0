// Which values of the parameters in parameters.yml are valid.

import { daysBetweenRuns } from './schedule-interval.ts';

/** Parameters by name, as osls resolved them. */
export type Parameters = Readonly<Record<string, unknown>>;

/** The pattern of a valid value, and its description for the message. */
type Rule = readonly [pattern: RegExp, expected: string];

const ADDRESS: Rule = [/^(|[^\s@]+@[^\s@]+)$/, 'an e-mail address, or nothing'];
const NAME: Rule = [/^(\/[\w.-]+)+$/, 'the name of an SSM parameter that begins with /'];
const MEMORY: Rule = [
  /^(12[89]|1[3-9]\d|[2-9]\d\d|\d{4}|10[01]\d\d|102[0-3]\d|10240)$/,
  'megabytes, 128 to 10240',
];

const RULES: Readonly<Record<string, Rule>> = {
  schedule: [
    /^(cron\(\S+( \S+){5}\)|rate\([1-9]\d* (minute|hour|day)s?\))$/,
    'cron(0 5 * * ? *) or rate(1 day)',
  ],
  timeZone: [/^[A-Za-z]+(\/[\w+-]+)*$/, 'a time zone like UTC or Europe/Zurich'],
  window: [/^([1-9]\d{0,2}|1[0-3]\d\d|14[0-3]\d|1440)$/, 'minutes, 1 to 1440'],
  scheduleState: [/^(ENABLED|DISABLED)$/, 'ENABLED or DISABLED'],
  concurrency: [/^([1-9]|[1-3]\d|40)$/, 'a whole number from 1 to 40'],
  reserveConcurrency: [/^(on|off)$/, 'on or off'],
  keyParameter: NAME,
  secondaryKeyParameter: [/^((\/[\w.-]+)+|)$/, `${NAME[1]}, or nothing`],
  apiUrl: [
    /^(|https:\/\/\S+|http:\/\/(127\.0\.0\.1|localhost)\S*)$/,
    'https://..., or nothing for the public API',
  ],
  apiVersion: [/^v[23]$/, 'v3 or v2'],
  countries: [/^(|[A-Z]{3}(,[A-Z]{3})*)$/, 'ISO3 codes like HTI,TCD, or nothing for all'],
  maxFailed: [/^(\d{1,2}(\.\d+)?|100)$/, 'a percentage from 0 to 100'],
  maxAge: [/^[1-9]\d{0,3}$/, 'days, 1 to 9999'],
  visibility: [/^(private|public)$/, 'private or public'],
  domain: [/^(|([a-z0-9-]+\.)+[a-z]{2,})$/, 'a domain like data.example.org, or nothing'],
  certificate: [
    /^(|arn:aws[\w-]*:acm:us-east-1:\d{12}:certificate\/[\w-]+)$/,
    'the ARN of a certificate in us-east-1, or nothing',
  ],
  bucket: [/^(|[a-z0-9][a-z0-9-]{1,61}[a-z0-9])$/, 'the name of a bucket without dots, or nothing'],
  keyKmsKey: [/^(|arn:aws[\w-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+)$/, 'the ARN of a KMS key, or nothing'],
  permissionsBoundary: [
    /^(|arn:aws[\w-]*:iam::(\d{12}|aws):policy\/\S+)$/,
    'the ARN of an IAM policy, or nothing',
  ],
  tags: [/^(|[^\s=,]+=[^=,]+(,[^\s=,]+=[^=,]+)*)$/, 'tags like team=data,cost=42, or nothing'],
  alarmEmail: ADDRESS,
  alarmDays: [/^[0-7]$/, 'days, 1 to 7, or 0 for no alarm'],
  keepNewest: [/^([1-9]\d{0,5}|)$/, 'a whole number of at least 1, or nothing'],
  keepMonthly: [/^(\d{1,6}|all|)$/, 'a whole number of months, all, or nothing'],
  memory: MEMORY,
  fetchMemory: MEMORY,
  allowRemoval: [/^(|[A-Za-z]+(,[A-Za-z]+)*)$/, 'names like Distribution,AlarmMail, or nothing'],
  whileRunning: [/^(no|yes)$/, 'yes or no'],
  database: [/^[a-z0-9_]{1,255}$/, 'lower case letters, digits and underscores'],
};

/** Lists the problems of the parameters, one sentence each. Empty if they can be deployed. */
export function checkParameters(parameters: Parameters): string[] {
  const text = (name: string): string => String(parameters[name] ?? '').trim();
  const problems = Object.entries(RULES)
    .filter(([name, [pattern]]) => !pattern.test(text(name)))
    .map(([name, [, expected]]) => `${name}: expected ${expected}, got "${text(name)}"`);
  if (text('visibility') === 'public' && text('licence') === '')
    problems.push('visibility is public, but licence is blank: say on which terms the figures are given');
  if ((text('domain') === '') !== (text('certificate') === ''))
    problems.push('domain and certificate: expected both or none');
  if (text('domain') !== '' && text('visibility') !== 'public')
    problems.push('domain is set, but visibility is private: only a public dataset has an address');
  if (text('keepMonthly') !== '' && text('keepNewest') === '')
    problems.push('keepMonthly is set, but keepNewest is blank: set both to prune, neither to keep all');
  const [days, alarmDays] = [daysBetweenRuns(text('schedule')), Number(text('alarmDays'))];
  if (text('scheduleState') === 'ENABLED' && alarmDays > 0 && days > alarmDays)
    problems.push(
      `alarmDays: expected at least ${days}, the days between two runs of ${text('schedule')}, got ${alarmDays}; ${days > 7 ? 'CloudWatch looks back 7 days at most, so give 0: no alarm' : `give ${days}, or 0 for no alarm`}`,
    );
  return problems;
}

/** Where parameters can be set: the file of a stage, and the command line. */
export interface GivenParameters {
  /** Path of the file, for messages. */
  readonly file: string;
  readonly inFile: Parameters;
  /** `NAME=VALUE`, one for each `--param`. */
  readonly options: readonly string[];
}

/** These would switch off a protection for good if they were in a file. */
const FOR_ONE_DEPLOYMENT = ['allowRemoval', 'whileRunning'];

/** Lists the parameters that cannot be set there, one sentence each. `known` are the names of `parameters.yml`. */
export function checkGivenParameters(given: GivenParameters, known: readonly string[]): string[] {
  const { file, inFile, options } = given;
  const names = options.map((option) => option.slice(0, option.indexOf('=')));
  const unknown = (place: string, name: string): string[] =>
    known.includes(name) ? [] : [`${place}: expected a parameter of infra/parameters.yml, got "${name}"`];
  return [
    ...Object.keys(inFile).flatMap((name) => unknown(file, name)),
    ...Object.entries(inFile)
      .filter(([, value]) => typeof value === 'object' && value !== null)
      .map(([name]) => `${file}: ${name}: expected one value, got a list or a map`),
    ...Object.keys(inFile)
      .filter((name) => FOR_ONE_DEPLOYMENT.includes(name))
      .map((name) => `${file}: ${name} is for one deployment: give it with --param`),
    ...names.flatMap((name) => unknown('--param', name)),
  ];
}

/** The tags of a valid parameter, by key: `team=data,cost=42`. */
export const parseTags = (tags: unknown): Record<string, string> =>
  Object.fromEntries(
    String(tags ?? '')
      .split(',')
      .filter(Boolean)
      .map((tag) => tag.split('=')),
  );
