// Parameters that cannot be deployed are reported in one sentence before anything is created.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkGivenParameters, checkParameters, parseTags } from '../../infra/plugin/parameters.ts';
import { ROOT, temporaryFolder } from '../setting.ts';
import { osls, parameterOptions } from './run-osls.ts';

const { load } = createRequire(import.meta.url)('js-yaml') as { load: (text: string) => unknown };

const FILE = join(ROOT, 'infra/parameters.yml');

/** The defaults of `infra/parameters.yml`. */
async function defaults(): Promise<Record<string, unknown>> {
  const lines = load(await readFile(FILE, 'utf8')) as Record<string, string>;
  const value = (line: string): string => (/, (.*)\}$/.exec(line)?.[1] ?? '').replaceAll("'", '');
  const values = Object.entries(lines).map(([name, line]) => [
    name,
    value(line).replace(/\$\{sls:stage\}/, 'test'),
  ]);
  return Object.fromEntries(values) as Record<string, unknown>;
}

const BAD: readonly [parameter: string, value: string, expected: RegExp][] = [
  ['schedule', 'daily', /^schedule: expected cron\(0 5 \* \* \? \*\) or rate\(1 day\), got "daily"$/],
  ['schedule', 'cron(0 5 * * *)', /^schedule: /],
  ['timeZone', 'UTC+1!', /^timeZone: expected a time zone/],
  ['window', '0', /^window: expected minutes, 1 to 1440, got "0"$/],
  ['window', '1441', /^window: /],
  ['scheduleState', 'on', /^scheduleState: expected ENABLED or DISABLED/],
  ['concurrency', '0', /^concurrency: expected a whole number from 1 to 40/],
  ['concurrency', 'four', /^concurrency: /],
  ['reserveConcurrency', 'true', /^reserveConcurrency: expected on or off/],
  ['keyParameter', '', /^keyParameter: expected the name of an SSM parameter that begins with \//],
  ['keyParameter', 'dtm/key', /^keyParameter: /],
  ['secondaryKeyParameter', '/dtm/*', /^secondaryKeyParameter: /],
  ['apiUrl', 'http://example.org', /^apiUrl: expected https/],
  ['apiVersion', 'v1', /^apiVersion: expected v3 or v2/],
  ['countries', 'haiti', /^countries: expected ISO3 codes/],
  ['maxFailed', '101', /^maxFailed: expected a percentage/],
  ['visibility', 'open', /^visibility: expected private or public, got "open"$/],
  [
    'visibility',
    'public',
    /^visibility is public, but licence is blank: say on which terms the figures are given$/,
  ],
  ['alarmEmail', 'ops', /^alarmEmail: expected an e-mail address/],
  ['alarmDays', '8', /^alarmDays: expected days, 1 to 7, or 0 for no alarm, got "8"$/],
  ['schedule', 'rate(3 days)', /^alarmDays: expected at least 3, .* got 2; give 3, or 0 for no alarm$/],
  ['schedule', 'cron(0 5 ? * MON *)', /^alarmDays: expected at least 7, .* got 2; give 7/],
  [
    'schedule',
    'cron(0 5 1 * ? *)',
    /^alarmDays: expected at least 31, .*; CloudWatch looks back 7 days at most/,
  ],
  ['keepNewest', '0', /^keepNewest: /],
  ['keepMonthly', '3', /^keepMonthly is set, but keepNewest is blank/],
  ['memory', '64', /^memory: expected megabytes, 128 to 10240/],
  ['fetchMemory', '10241', /^fetchMemory: /],
  ['domain', 'https://example.org', /^domain: expected a domain like data.example.org/],
  ['domain', 'data.example.org', /^domain and certificate: expected both or none$/],
  ['certificate', 'arn:aws:acm:eu-central-1:123456789012:certificate/1', /^certificate: .* in us-east-1/],
  ['bucket', 's3://a-bucket', /^bucket: expected the name of a bucket/],
  ['keyKmsKey', 'alias/mine', /^keyKmsKey: expected the ARN of a KMS key/],
  ['permissionsBoundary', 'Boundary', /^permissionsBoundary: expected the ARN of an IAM policy/],
  ['tags', 'team', /^tags: expected tags like team=data,cost=42/],
  ['allowRemoval', 'the bus', /^allowRemoval: expected names like/],
  ['whileRunning', 'true', /^whileRunning: expected yes or no/],
  ['database', 'DTM', /^database: expected lower case/],
];

test('the default parameters are accepted', async () => {
  assert.deepEqual(checkParameters(await defaults()), []);
});

test('an invalid parameter is reported with its name, the expected and the actual value', async () => {
  const standard = await defaults();
  for (const [parameter, value, expected] of BAD) {
    const problems = checkParameters({ ...standard, [parameter]: value });
    assert.ok(
      problems.some((problem) => expected.test(problem)),
      problems.join(),
    );
    assert.ok(problems.every((problem) => problem.includes(parameter) || problem.includes(value)));
  }
});

test('valid parameters are accepted', async () => {
  const standard = await defaults();
  const good = [
    { schedule: 'cron(30 4 ? * MON-FRI *)', timeZone: 'America/Port-au-Prince', alarmDays: 3 },
    { schedule: 'rate(7 days)', alarmDays: 7 },
    { schedule: 'rate(30 days)', alarmDays: 0 },
    { schedule: 'rate(30 days)', scheduleState: 'DISABLED' },
    {
      schedule: 'rate(2 days)',
      window: 1440,
      concurrency: 40,
      maxFailed: 0,
      memory: 10240,
      fetchMemory: 128,
    },
    { visibility: 'public', licence: 'CC BY 4.0', alarmEmail: 'ops@example.org', countries: 'HTI,TCD' },
    {
      ...{ visibility: 'public', licence: 'CC BY 4.0', domain: 'data.example.org' },
      certificate: 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b-2c',
    },
    {
      ...{ bucket: 'a-bucket-1', tags: 'team=data,cost=42 a year' },
      keyKmsKey: 'arn:aws:kms:eu-central-1:123456789012:key/0a1b-2c',
      permissionsBoundary: 'arn:aws:iam::123456789012:policy/path/boundary',
    },
    { keepNewest: 12, keepMonthly: 'all', alarmDays: 1, apiUrl: 'http://127.0.0.1:8080', apiVersion: 'v2' },
  ];
  for (const parameters of good) assert.deepEqual(checkParameters({ ...standard, ...parameters }), []);
});

test('tags become keys and values, and blank means none', () => {
  assert.deepEqual(parseTags('team=data,cost=42 a year'), { team: 'data', cost: '42 a year' });
  assert.deepEqual(parseTags(''), {});
});

test('osls reports all invalid parameters at once and creates nothing', async (t) => {
  const folder = await temporaryFolder(t);
  const options = parameterOptions({ visibility: 'public', schedule: 'daily' });
  const { exit, text } = await osls(['package', '--package', join(folder, 'out'), ...options]);
  assert.equal(exit, 1);
  assert.match(
    text,
    /Error:\nschedule: expected cron.*, got "daily"; visibility is public, but licence is blank: .*\n/,
  );
  assert.ok(!existsSync(join(folder, 'out')));
});

/** The parameters that osls resolves for stage `test`, with this file of the stage. */
async function resolved(stageFile: string, ...options: string[]): Promise<Record<string, unknown>> {
  const args = ['print', '--stage', 'test', '--format', 'json', ...options];
  const { exit, text } = await osls(args, { stages: { test: stageFile } });
  assert.equal(exit, 0, text);
  return JSON.parse(text.slice(text.indexOf('{\n'), text.lastIndexOf('}') + 1)).custom;
}

test("a stage's file sets parameters, --param overrides it, and the rest have their defaults", async () => {
  const file = 'concurrency: 8\nlicence: CC BY 4.0\n';
  const { concurrency, licence, window } = await resolved(file, '--param', 'concurrency=2');
  assert.deepEqual([concurrency, licence, window], ['2', 'CC BY 4.0', 15]);
});

test('a parameter that is unknown, a list, or not for a file is refused by name', async (t) => {
  const folder = await temporaryFolder(t);
  const args = ['package', '--stage', 'test', '--package', join(folder, 'out'), '--param', 'license=CC0'];
  const stages = { test: 'concurency: 8\ncountries: [HTI, TCD]\nwhileRunning: "yes"\n' };
  const { exit, text } = await osls(args, { stages });
  assert.equal(exit, 1);
  for (const problem of [
    'infra/stages/test.yml: expected a parameter of infra/parameters.yml, got "concurency"',
    'infra/stages/test.yml: countries: expected one value, got a list or a map',
    'infra/stages/test.yml: whileRunning is for one deployment: give it with --param',
    '--param: expected a parameter of infra/parameters.yml, got "license"',
  ])
    assert.ok(text.includes(problem), text);
  assert.ok(!existsSync(join(folder, 'out')));
});

test('every example of a stage is valid and names only parameters that exist', async () => {
  const folder = join(ROOT, 'infra/stages');
  const files = (await readdir(folder)).filter((name) => name.startsWith('example-'));
  assert.deepEqual(files, ['example-private.yml', 'example-public.yml']);
  const standard = await defaults();
  for (const file of files) {
    const inFile = load(await readFile(join(folder, file), 'utf8')) as Record<string, unknown>;
    assert.deepEqual(checkGivenParameters({ file, inFile, options: [] }, Object.keys(standard)), [], file);
    assert.deepEqual(checkParameters({ ...standard, ...inFile }), [], file);
    assert.equal(inFile.visibility, file.slice('example-'.length, -'.yml'.length));
  }
});

test('every parameter in infra/parameters.yml has a comment', async () => {
  const lines = (await readFile(FILE, 'utf8')).split('\n').slice(3);
  const bare = lines.filter((line, at) => {
    const before = lines.slice(0, at).findLastIndex((one) => one === '' || one.startsWith('#'));
    return /^\w+:/.test(line) && !line.includes(' # ') && !lines[before]?.startsWith('#');
  });
  assert.deepEqual(bare, []);
});
