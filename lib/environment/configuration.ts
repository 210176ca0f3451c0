// The only reader of the environment. A blank value counts as missing; what is wrong is said with its name, all of it at
// once, at the start. Keys are handed on and never shown; a Lambda is told only under which name its key lies.
import { isAbsolute } from 'node:path';

import { type ProxyEnv, readProxyEnv } from './proxy-variables.ts';

/** On which terms the figures are given. */
interface Terms {
  readonly licence: string;
  readonly visibility: 'private' | 'public';
  readonly contact: string | null;
}

/** The operator's settings; `docs/configuration.md` lists the variables. */
export interface Environment {
  readonly subscriptionKey: string | null;
  readonly secondaryKey: string | null;
  /** The API's base URL, null for the public one. */
  readonly baseUrl: string | null;
  /** Where readers reach the prefix, ending in a slash; null if it is not said. */
  readonly publicUrl: string | null;
  readonly terms: Terms;
  /** Where events go, null for nowhere: a topic's ARN, and a bus by its name or ARN. */
  readonly topicArn: string | null;
  readonly eventBus: string | null;
  /** The proxies through which others are reached. */
  readonly proxyEnv: ProxyEnv;
}

/** What must be said to a function, since it can do nothing without. */
type RequiredSetting = 'destination' | 'keyParameter' | 'stateMachine' | 'glueDatabase';

/** The settings of the functions, as `infra/` hands them over; null is not said. */
export interface LambdaEnvironment extends Omit<Environment, 'subscriptionKey' | 'secondaryKey'> {
  /** `s3://bucket/prefix`. */
  readonly destination: string | null;
  /** Names of the parameters that hold the keys. */
  readonly keyParameter: string | null;
  readonly secondaryKeyParameter: string | null;
  readonly apiVersion: 'v3' | 'v2';
  /** ISO3 codes, sorted; null means all that the API lists. */
  readonly countries: readonly string[] | null;
  /** Percent of the units asked for that may be without an answer. */
  readonly maxFailed: number;
  readonly stateMachine: string | null;
  readonly glueDatabase: string | null;
  /** What pruning keeps; null never prunes. */
  readonly retention: { readonly keepNewest: number; readonly keepMonthly: number | 'all' } | null;
}

/** A setting is missing or wrong: the user mends it before anything is asked or written. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

const NO_LICENCE = 'No licence: not for redistribution.';

/** Reads and checks the environment. @throws {ConfigurationError} naming the variables */
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

/** The proxies alone, for who only reads. @throws {ConfigurationError} naming the variables */
export function readProxies(variables: NodeJS.ProcessEnv = process.env): ProxyEnv {
  const reader = createReader(variables);
  const proxyEnv = reader.proxies();
  reader.throwIfInvalid();
  return proxyEnv;
}

/** Where the user keeps caches; null if it is not said, or is no absolute path. XDG Base Directory: such a one is ignored. */
export function readCacheHome(variables: NodeJS.ProcessEnv = process.env): string | null {
  const value = variables.XDG_CACHE_HOME?.trim();
  return value && isAbsolute(value) ? value : null;
}

const VARIABLES: Record<RequiredSetting, string> = {
  destination: 'DTM_DESTINATION',
  keyParameter: 'DTM_KEY_PARAMETER',
  stateMachine: 'DTM_STATE_MACHINE',
  glueDatabase: 'DTM_GLUE_DATABASE',
};

/**
 * Reads and checks a function's environment, of which `needed` must be said.
 * @throws {ConfigurationError} naming every variable that is missing or wrong
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
    retention: readRetention(reader),
  };
  reader.throwIfInvalid();
  return environment as LambdaEnvironment & { readonly [K in N]: string };
}

interface EnvironmentReader {
  /** The variable's value, null if it is missing or blank. */
  readonly text: (name: string) => string | null;
  /** What the value stands for, undefined if it is missing; `read` returns undefined for what it cannot be. */
  readonly parse: <T>(name: string, expected: string, read: (text: string) => T | undefined) => T | undefined;
  readonly proxies: () => ProxyEnv;
  readonly addProblem: (problem: string) => void;
  /** @throws {ConfigurationError} with all that was refused */
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
      const found = readProxyEnv(variables);
      problems.push(...found.problems);
      return found.proxyEnv;
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
  proxyEnv: reader.proxies(),
});

function readTerms({ text, parse, addProblem }: EnvironmentReader): Terms {
  const visibility = (['private', 'public'] as const).find(
    (one) => one === (text('DTM_VISIBILITY') ?? 'private'),
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

const arn = (text: string): string | undefined => (/^arn:[^\s]+$/.test(text) ? text : undefined);
