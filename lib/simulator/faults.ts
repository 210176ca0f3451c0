// The kinds of faults, and the parser of a fault's spec: KIND[=VALUE][%PERCENT][@SCOPE][*TIMES[each]].
import type { Target } from './endpoints.ts';

/**
 * What a fault changes: the world, the delay of the answer, the whole answer (`instead`), its rows, its pages (HNA only), or
 * how it is sent (`wire`).
 */
export type Stage = 'world' | 'latency' | 'instead' | 'rows' | 'pages' | 'wire';

interface FaultKind {
  readonly stage: Stage;
  /** Valid values after `=`. Undefined: the kind takes no value. */
  readonly value?: RegExp;
  /** Name of the value in messages. In brackets if the value is optional. */
  readonly valueHint?: string;
  /** True if the spec must name a country. */
  readonly needsCountry?: true;
}

const status: FaultKind = {
  stage: 'instead',
  value: /^(\d+|date|date:\d+)$/,
  valueHint: '[SECONDS|date|date:SECONDS]',
};
const field = (stage: Stage): FaultKind => ({ stage, value: /^\w+$/, valueHint: '[FIELD]' });
const milliseconds = (stage: Stage): FaultKind => ({ stage, value: /^\d+$/, valueHint: 'MS' });

/** Every kind of fault, by its name. */
export const FAULT_KINDS: Readonly<Record<string, FaultKind>> = {
  '401': { stage: 'instead' },
  '429': status,
  '500': status,
  '502': status,
  '503': status,
  '504': status,
  '403json': { stage: 'instead' },
  firewall: { stage: 'instead' },
  html: { stage: 'instead' },
  redirect: { stage: 'instead', value: /^(https?:\/\/|\/)\S+$/, valueHint: '[URL]' },
  refused: { stage: 'instead', value: /^.+$/, valueHint: '[TEXT]' },
  'echo-key': { stage: 'instead', value: /^[45]\d\d$/, valueHint: '[STATUS]' },
  exception: { stage: 'instead', value: /^.+$/, valueHint: '[TEXT]' },
  dead: { stage: 'instead', needsCountry: true },
  count: { stage: 'rows', value: /^\d+$/, valueHint: '[N]' },
  type: field('rows'),
  missing: field('rows'),
  extra: field('rows'),
  foreign: { stage: 'rows', value: /^[A-Z]{3}$/, valueHint: '[ISO3]' },
  date: { stage: 'rows', value: /^\S+$/, valueHint: '[TEXT]' },
  'no-pagination': { stage: 'pages' },
  'endless-pages': { stage: 'pages' },
  'same-page': { stage: 'pages' },
  latency: {
    stage: 'latency',
    value: /^(\d+|lognormal:\d+(\.\d+)?:\d+(\.\d+)?)$/,
    valueHint: 'MS|lognormal:MEDIAN:SIGMA',
  },
  'slow-headers': milliseconds('wire'),
  'slow-body': milliseconds('wire'),
  bandwidth: { stage: 'wire', value: /^[1-9]\d*$/, valueHint: 'BYTES_PER_SECOND' },
  cut: { stage: 'wire' },
  'truncated-json': { stage: 'wire' },
  reset: { stage: 'wire' },
  bomb: { stage: 'wire', value: /^\d+$/, valueHint: '[MEGABYTES]' },
  endless: { stage: 'wire' },
  changed: { stage: 'world', value: /^-?\d+$/, valueHint: '[PEOPLE]', needsCountry: true },
  gone: { stage: 'world', needsCountry: true },
  renumber: { stage: 'world' },
  'new-round': { stage: 'world', value: /^\d{4}-\d\d-\d\d$/, valueHint: '[YYYY-MM-DD]', needsCountry: true },
  renamed: { stage: 'world', value: /^.+$/, valueHint: '[NAME]', needsCountry: true },
};

const ENDPOINTS: readonly string[] = [
  ...['countries', 'operations', 'admin0', 'admin1', 'admin2'],
  ...['hna-countries', 'hna-catalog', 'hna-admin2', 'hna-download', 'hna-file'],
];

/** A fault, parsed from its spec. */
export interface Fault {
  readonly spec: string;
  readonly kind: string;
  readonly stage: Stage;
  readonly value: string | null;
  /** Percent of the requests in scope that get the fault. The seed decides which ones. */
  readonly percent: number;
  readonly endpoint: Target['endpoint'] | null;
  readonly country: string | null;
  /** Largest number of requests that get the fault: in total, or for each endpoint and country if `each` is true. */
  readonly times: number;
  readonly each: boolean;
}

const SPEC = /^([a-z0-9-]+)(?:=(.*?))?(?:%(\d+(?:\.\d+)?))?(?:@([\w/-]+))?(?:\*(\d+)(each)?)?$/;
const FORM = 'KIND[=VALUE][%PERCENT][@SCOPE][*TIMES[each]]';

function faultError(spec: string, problem: string): Error {
  return new Error(`fault "${spec}": ${problem}`);
}

function scopeOf(spec: string, scope: string | undefined): Pick<Fault, 'endpoint' | 'country'> {
  const parts = scope?.split('/') ?? [];
  const endpoint = parts.find((part) => ENDPOINTS.includes(part)) ?? null;
  const country = parts.find((part) => /^[A-Z]{3}$/.test(part)) ?? null;
  if ([endpoint, country].filter((part) => part !== null).length !== parts.length) {
    throw faultError(
      spec,
      `scope ${scope} is not ${ENDPOINTS.join(', ')}, a country's ISO3 code, or both as admin1/AFG`,
    );
  }
  return { endpoint: endpoint as Target['endpoint'] | null, country };
}

function checkValue(spec: string, name: string, kind: FaultKind, value: string | undefined): void {
  const optional = !kind.valueHint || kind.valueHint.startsWith('[');
  if (value === undefined ? optional : kind.value?.test(value)) return;
  throw faultError(
    spec,
    kind.valueHint ? `${name} is written ${name}=${kind.valueHint}` : `${name} takes no value`,
  );
}

/** Parses a spec. @throws {Error} with the spec and what is allowed */
export function parseFault(spec: string): Fault {
  const match = SPEC.exec(spec);
  if (!match) throw faultError(spec, `is not of the form ${FORM}`);
  const [, name = '', value, percent, scope, times, each] = match;
  const kind = Object.hasOwn(FAULT_KINDS, name) ? FAULT_KINDS[name] : undefined;
  if (!kind) throw faultError(spec, `${name} is not one of ${Object.keys(FAULT_KINDS).join(', ')}`);
  checkValue(spec, name, kind, value);
  const where = scopeOf(spec, scope);
  if (kind.needsCountry && !where.country) throw faultError(spec, `${name} needs a country: ${name}@AFG`);
  if (kind.stage === 'world' && (percent || times || where.endpoint)) {
    throw faultError(
      spec,
      `${name} changes the world itself: it takes a country, but no percentage, endpoint or times`,
    );
  }
  if (Number(percent) > 100) throw faultError(spec, `${percent} is more than 100 percent`);
  return {
    spec,
    kind: name,
    stage: kind.stage,
    value: value ?? null,
    percent: percent === undefined ? 100 : Number(percent),
    ...where,
    times: times === undefined ? Number.POSITIVE_INFINITY : Number(times),
    each: each !== undefined,
  };
}
