// Reads the environment; no other file does. A blank value counts as missing. All invalid variables are reported together,
// by name, at the start. Keys are passed on and never shown. A Lambda gets only the name of the parameter that holds its
// key.
import { isAbsolute } from 'node:path';

import { type ProxyEnv, readProxyEnv } from './proxy-variables.ts';

/** The terms on which the figures are published. */
interface Terms {
  readonly licence: string;
  readonly visibility: 'private' | 'public';
  readonly contact: string | null;
}

/** The operator's settings. docs/configuration.md lists the variables. */
export interface Environment {
  readonly subscriptionKey: string | null;
  readonly secondaryKey: string | null;
  /** The API's base URL. Null means the public API. */
  readonly baseUrl: string | null;
  /** Address at which readers reach the prefix, with a slash at its end. Null if it is not set. */
  readonly publicUrl: string | null;
  readonly terms: Terms;
  /** ARN of the SNS topic for events. Null: no events to SNS. */
  readonly topicArn: string | null;
  /** Name or ARN of the EventBridge bus for events. Null: no events to EventBridge. */
  readonly eventBus: string | null;
  /** Id of the CloudFront distribution whose caches must forget what is withdrawn or pruned. Null: there is none. */
  readonly distribution: string | null;
  /** The proxies for requests to other hosts. */
  readonly proxyEnv: ProxyEnv;
}

/** A setting that a function may require. */
type RequiredSetting = 'destination' | 'keyParameter' | 'stateMachine' | 'glueDatabase' | 'alarmTopic';

/** The settings of the Lambda functions, which `infra/` sets. Null means not set. */
export interface LambdaEnvironment extends Omit<Environment, 'subscriptionKey' | 'secondaryKey'> {
  /** `s3://bucket/prefix`. */
  readonly destination: string | null;
  /** Names of the parameters that hold the keys. */
  readonly keyParameter: string | null;
  readonly secondaryKeyParameter: string | null;
  readonly apiVersion: 'v3' | 'v2';
  /** ISO3 codes, sorted. Null means all countries that the API lists. */
  readonly countries: readonly string[] | null;
  /** Percent of the requested units that may fail. */
  readonly maxFailed: number;
  readonly stateMachine: string | null;
  readonly glueDatabase: string | null;
  /** ARN of the topic for the operator's mails. */
  readonly alarmTopic: string | null;
  /** Releases that pruning keeps. Null: nothing is pruned. */
  readonly retention: { readonly keepNewest: number; readonly keepMonthly: number | 'all' } | null;
}

/** Thrown if a setting is missing or invalid, before any request or write. The user has to correct it. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

const NO_LICENCE = 'No licence: not for redistribution.';

/** Reads and checks the environment. @throws {ConfigurationError} with the names of the variables */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const reader = createReader(variables);
  const environment = {
    subscriptionKey: reader.text('DTMAPI_SUBSCRIPTION_KEY'),
    secondaryKey: reader.text('DTMAPI_SUBSCRIPTION_KEY_SECONDARY'),
    ...readShared(reader),
  };
  reader.throwIfInvalid();
  return environment;
}

/** Reads the proxies only, for commands that only read. @throws {ConfigurationError} with the names of the variables */
export function readProxies(variables: NodeJS.ProcessEnv = process.env): ProxyEnv {
  const reader = createReader(variables);
  const proxyEnv = reader.proxies();
  reader.throwIfInvalid();
  return proxyEnv;
}

/**
 * The user's cache folder. Null if it is not set, or if it is no absolute path (XDG Base Directory: a relative path is
 * ignored).
 */
export const readCacheHome = (variables: NodeJS.ProcessEnv = process.env): string | null =>
  absoluteOrNull(variables.XDG_CACHE_HOME);

/** The user's folder for the state of programs; null as `readCacheHome`. */
export const readStateHome = (variables: NodeJS.ProcessEnv = process.env): string | null =>
  absoluteOrNull(variables.XDG_STATE_HOME);

function absoluteOrNull(value = ''): string | null {
  const path = value.trim();
  return isAbsolute(path) ? path : null;
}

/** The environment for a command that the user gave: all variables but the keys of the API. */
export const readCommandEnvironment = (variables: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(variables).filter(([name]) => !/^DTM(API|HNA)_\w*KEY/i.test(name)));

const VARIABLES: Record<RequiredSetting, string> = {
  destination: 'DTM_DESTINATION',
  keyParameter: 'DTM_KEY_PARAMETER',
  stateMachine: 'DTM_STATE_MACHINE',
  glueDatabase: 'DTM_GLUE_DATABASE',
  alarmTopic: 'DTM_ALARM_TOPIC_ARN',
};

/**
 * Reads and checks a function's environment. The settings in `required` must be set.
 * @throws {ConfigurationError} with the name of every variable that is missing or invalid
 */
export function readLambdaEnvironment<N extends RequiredSetting>(
  required: readonly N[],
  variables: NodeJS.ProcessEnv = process.env,
): LambdaEnvironment & { readonly [K in N]: string } {
  const reader = createReader(variables);
  for (const field of required)
    if (reader.text(VARIABLES[field]) === null) reader.addProblem(`${VARIABLES[field]} is missing`);
  const { text, parse } = reader;
  const environment: LambdaEnvironment = {
    destination: text(VARIABLES.destination),
    keyParameter: text(VARIABLES.keyParameter),
    secondaryKeyParameter: text('DTM_KEY_PARAMETER_SECONDARY'),
    ...readShared(reader),
    apiVersion: parse('DTM_API_VERSION', 'v3 or v2', apiVersion) ?? 'v3',
    countries: parse('DTM_COUNTRIES', 'ISO3 codes like AFG,HTI', countries) ?? null,
    maxFailed: parse('DTM_MAX_FAILED', 'a percentage from 0 to 100', percent) ?? 10,
    stateMachine: parse(VARIABLES.stateMachine, 'an ARN like arn:aws:states:...', arn) ?? null,
    glueDatabase: text(VARIABLES.glueDatabase),
    alarmTopic: parse(VARIABLES.alarmTopic, 'an ARN like arn:aws:sns:...', arn) ?? null,
    retention: readRetention(reader),
  };
  reader.throwIfInvalid();
  return environment as LambdaEnvironment & { readonly [K in N]: string };
}

interface EnvironmentReader {
  /** The value of a variable. Null if it is missing or blank. */
  readonly text: (name: string) => string | null;
  /** The parsed value. Undefined if it is missing or invalid; `read` returns undefined for an invalid text. */
  readonly parse: <T>(name: string, expected: string, read: (text: string) => T | undefined) => T | undefined;
  readonly proxies: () => ProxyEnv;
  readonly addProblem: (problem: string) => void;
  /** @throws {ConfigurationError} with all problems so far */
  readonly throwIfInvalid: () => void;
}

function createReader(variables: NodeJS.ProcessEnv): EnvironmentReader {
  const problems: string[] = [];
  const text: EnvironmentReader['text'] = (name) => variables[name]?.trim() || null;
  return {
    text,
    parse: (name, expected, read) => {
      const raw = text(name);
      const value = raw === null ? undefined : read(raw);
      if (raw !== null && value === undefined)
        problems.push(`${name}: expected ${expected}, got ${raw.slice(0, 100)}`);
      return value;
    },
    proxies: () => {
      const { proxyEnv, problems: proxyProblems } = readProxyEnv(variables);
      problems.push(...proxyProblems);
      return proxyEnv;
    },
    addProblem: (problem) => {
      problems.push(problem);
    },
    throwIfInvalid: () => {
      if (problems.length > 0) throw new ConfigurationError(problems.join('; '));
    },
  };
}

const readShared = (reader: EnvironmentReader): Omit<Environment, 'subscriptionKey' | 'secondaryKey'> => ({
  baseUrl: reader.text('DTMAPI_URL'),
  publicUrl: readPublicUrl(reader),
  terms: readTerms(reader),
  topicArn: reader.parse('DTM_TOPIC_ARN', 'an ARN like arn:aws:sns:...', arn) ?? null,
  eventBus: reader.text('DTM_EVENT_BUS'),
  distribution: reader.parse('DTM_DISTRIBUTION', 'an id like E2QWRUHAPOMQZL', distributionId) ?? null,
  proxyEnv: reader.proxies(),
});

function readTerms({ text, parse, addProblem }: EnvironmentReader): Terms {
  const visibility = (['private', 'public'] as const).find(
    (each) => each === (text('DTM_VISIBILITY') ?? 'private'),
  );
  parse('DTM_VISIBILITY', 'private or public', () => visibility);
  const licence = text('DTM_LICENCE');
  if (visibility === 'public' && licence === null)
    addProblem(
      'DTM_VISIBILITY is public, but DTM_LICENCE is missing: say on which terms the figures are given',
    );
  return {
    licence: licence ?? NO_LICENCE,
    visibility: visibility ?? 'private',
    contact: text('DTM_CONTACT'),
  };
}

function readPublicUrl({ parse }: EnvironmentReader): string | null {
  const read = (value: string): string | undefined => {
    const url = URL.parse(value);
    if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash) return undefined;
    return url.href.endsWith('/') ? url.href : `${url.href}/`;
  };
  return parse('DTM_PUBLIC_URL', 'an https:// address without query', read) ?? null;
}

function readRetention({ text, parse, addProblem }: EnvironmentReader): LambdaEnvironment['retention'] {
  const keepNewest = parse('DTM_KEEP_NEWEST', 'a whole number of at least 1', (value) =>
    /^[1-9]\d{0,5}$/.test(value) ? Number(value) : undefined,
  );
  const keepMonthly = parse('DTM_KEEP_MONTHLY', 'all or a whole number of months', (value) =>
    value === 'all' ? value : /^\d{1,6}$/.test(value) ? Number(value) : undefined,
  );
  if (text('DTM_KEEP_NEWEST') === null && text('DTM_KEEP_MONTHLY') !== null)
    addProblem(
      'DTM_KEEP_MONTHLY is set, but DTM_KEEP_NEWEST is missing: set both to prune, neither to keep all',
    );
  return keepNewest === undefined ? null : { keepNewest, keepMonthly: keepMonthly ?? 'all' };
}

const apiVersion = (text: string): 'v3' | 'v2' | undefined =>
  (['v3', 'v2'] as const).find((version) => version === text);

function countries(text: string): string[] | undefined {
  const codes = text.split(',').map((code) => code.trim());
  return codes.every((code) => /^[A-Z]{3}$/.test(code)) ? [...new Set(codes)].sort() : undefined;
}

const percent = (text: string): number | undefined =>
  /^\d+(\.\d+)?$/.test(text) && Number(text) <= 100 ? Number(text) : undefined;

const distributionId = (text: string): string | undefined => (/^[A-Z0-9]+$/.test(text) ? text : undefined);

const arn = (text: string): string | undefined => (/^arn:[^\s]+$/.test(text) ? text : undefined);
