// Faults, and how one is written: KIND[=VALUE][%PERCENT][@SCOPE][*TIMES[each]].

import type { Endpoint } from '../dtm/endpoints.ts';

/** Where a fault acts: on the world, before an answer, instead of it, on its rows, or on the wire. */
export type Stage = 'world' | 'latency' | 'instead' | 'rows' | 'wire';

interface Kind {
  readonly stage: Stage;
  /** What may follow `=`; none: nothing may. */
  readonly value?: RegExp;
  /** How the value is called in messages; in brackets when it can be left out. */
  readonly says?: string;
  /** Whether it must be told a country. */
  readonly country?: true;
}

const status: Kind = {
  stage: 'instead',
  value: /^(\d+|date|date:\d+)$/,
  says: '[SECONDS|date|date:SECONDS]',
};
const field = (stage: Stage): Kind => ({ stage, value: /^\w+$/, says: '[FIELD]' });
const milliseconds = (stage: Stage): Kind => ({ stage, value: /^\d+$/, says: 'MS' });

/** Every kind of fault by its name. */
export const FAULT_KINDS: Readonly<Record<string, Kind>> = {
  '401': { stage: 'instead' },
  '429': status,
  '500': status,
  '502': status,
  '503': status,
  '504': status,
  '403json': { stage: 'instead' },
  firewall: { stage: 'instead' },
  html: { stage: 'instead' },
  redirect: { stage: 'instead', value: /^(https?:\/\/|\/)\S+$/, says: '[URL]' },
  refused: { stage: 'instead', value: /^.+$/, says: '[TEXT]' },
  'echo-key': { stage: 'instead', value: /^[45]\d\d$/, says: '[STATUS]' },
  dead: { stage: 'instead', country: true },
  count: { stage: 'rows', value: /^\d+$/, says: '[N]' },
  type: field('rows'),
  missing: field('rows'),
  extra: field('rows'),
  foreign: { stage: 'rows', value: /^[A-Z]{3}$/, says: '[ISO3]' },
  date: { stage: 'rows', value: /^\S+$/, says: '[TEXT]' },
  latency: {
    stage: 'latency',
    value: /^(\d+|lognormal:\d+(\.\d+)?:\d+(\.\d+)?)$/,
    says: 'MS|lognormal:MEDIAN:SIGMA',
  },
  'slow-headers': milliseconds('wire'),
  'slow-body': milliseconds('wire'),
  bandwidth: { stage: 'wire', value: /^[1-9]\d*$/, says: 'BYTES_PER_SECOND' },
  cut: { stage: 'wire' },
  'truncated-json': { stage: 'wire' },
  reset: { stage: 'wire' },
  bomb: { stage: 'wire', value: /^\d+$/, says: '[MEGABYTES]' },
  endless: { stage: 'wire' },
  changed: { stage: 'world', value: /^-?\d+$/, says: '[PEOPLE]', country: true },
  gone: { stage: 'world', country: true },
  renumber: { stage: 'world' },
  'new-round': { stage: 'world', value: /^\d{4}-\d\d-\d\d$/, says: '[YYYY-MM-DD]', country: true },
  renamed: { stage: 'world', value: /^.+$/, says: '[NAME]', country: true },
};

const ENDPOINTS: readonly string[] = ['countries', 'operations', 'admin0', 'admin1', 'admin2'];

/** A fault as read from its spec. */
export interface Fault {
  readonly spec: string;
  readonly kind: string;
  readonly stage: Stage;
  readonly value: string | null;
  /** Of the requests in scope, decided by the seed. */
  readonly percent: number;
  readonly endpoint: Endpoint | null;
  readonly country: string | null;
  /** How many requests it strikes, in all or `each` endpoint and country. */
  readonly times: number;
  readonly each: boolean;
}

const SPEC = /^([a-z0-9-]+)(?:=(.*?))?(?:%(\d+(?:\.\d+)?))?(?:@([\w/]+))?(?:\*(\d+)(each)?)?$/;
const FORM = 'KIND[=VALUE][%PERCENT][@SCOPE][*TIMES[each]]';

function bad(spec: string, problem: string): Error {
  return new Error(`fault "${spec}": ${problem}`);
}

function scopeOf(spec: string, scope: string | undefined): Pick<Fault, 'endpoint' | 'country'> {
  const parts = scope?.split('/') ?? [];
  const endpoint = parts.find((part) => ENDPOINTS.includes(part)) ?? null;
  const country = parts.find((part) => /^[A-Z]{3}$/.test(part)) ?? null;
  if ([endpoint, country].filter((part) => part !== null).length !== parts.length) {
    throw bad(
      spec,
      `scope ${scope} is not ${ENDPOINTS.join(', ')}, a country's ISO3 code, or both as admin1/AFG`,
    );
  }
  return { endpoint: endpoint as Endpoint | null, country };
}

function checkValue(spec: string, name: string, kind: Kind, value: string | undefined): void {
  const optional = !kind.says || kind.says.startsWith('[');
  if (value === undefined ? optional : kind.value?.test(value)) return;
  throw bad(spec, kind.says ? `${name} is written ${name}=${kind.says}` : `${name} takes no value`);
}

/** Reads a spec; throws an Error that names it and says what is allowed. */
export function parseFault(spec: string): Fault {
  const match = SPEC.exec(spec);
  if (!match) throw bad(spec, `is not of the form ${FORM}`);
  const [, name = '', value, percent, scope, times, each] = match;
  const kind = Object.hasOwn(FAULT_KINDS, name) ? FAULT_KINDS[name] : undefined;
  if (!kind) throw bad(spec, `${name} is not one of ${Object.keys(FAULT_KINDS).join(', ')}`);
  checkValue(spec, name, kind, value);
  const where = scopeOf(spec, scope);
  if (kind.country && !where.country) throw bad(spec, `${name} needs a country: ${name}@AFG`);
  if (kind.stage === 'world' && (percent || times || where.endpoint)) {
    throw bad(
      spec,
      `${name} changes the world itself: it takes a country, but no percentage, endpoint or times`,
    );
  }
  if (Number(percent) > 100) throw bad(spec, `${percent} is more than 100 percent`);
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
