// Decides which request gets which fault. It depends on the seed and on the number of earlier requests for the same
// endpoint and country. The order of requests for different ones does not matter.
import type { Target } from './endpoints.ts';
import { type Fault, parseFault } from './faults.ts';
import { randomOf } from './world/random.ts';
import type { WorldChanges } from './world/world.ts';

/** Endpoint and country of a request. */
export interface RequestScope {
  readonly endpoint: Target['endpoint'];
  readonly country: string | null;
}

/** The fault and the delay of a request. */
export interface FaultDecision {
  /** Milliseconds to wait first. */
  readonly latency: number;
  readonly fault: Fault | null;
}

/** The active faults. */
export interface FaultPlan {
  /** Decides on a request, and counts it. */
  decide(request: RequestScope): FaultDecision;
  readonly changes: WorldChanges;
  /** Spec of the first fault that changes the world. Null if there is none. */
  readonly firstWorldFault: string | null;
}

const inScope = (fault: Fault, { endpoint, country }: RequestScope) =>
  (!fault.endpoint || fault.endpoint === endpoint) &&
  (!fault.country || fault.country === country) &&
  (fault.stage !== 'pages' || endpoint === 'hna-admin2');

/** The changes of the world, from the faults. */
function changesOf(faults: readonly Fault[]): WorldChanges {
  const values = (kind: string): [string, string][] =>
    faults.filter((fault) => fault.kind === kind).map((fault) => [fault.country ?? '*', fault.value ?? '']);
  return {
    changed: new Map(values('changed').map(([iso3, people]) => [iso3, Number(people || 7)])),
    gone: new Set(values('gone').map(([iso3]) => iso3)),
    renumbered: new Set(values('renumber').map(([iso3]) => iso3)),
    newRound: new Map(values('new-round')),
    renamed: new Map(values('renamed')),
  };
}

/** Milliseconds of a latency fault: fixed, or from a lognormal distribution. */
function latencyOf(fault: Fault, normal: () => number): number {
  const [form, median, sigma] = (fault.value ?? '').split(':');
  return form === 'lognormal' ? Number(median) * Math.exp(Number(sigma) * normal()) : Number(form);
}

/** Creates a plan of faults. @throws {Error} if a spec is invalid */
export function createFaultPlan(specs: readonly string[], seed: number): FaultPlan {
  const faults = specs.map(parseFault);
  const faultCounts = new Map<string, number>();
  const requestCounts = new Map<string, number>();
  const count = (counts: Map<string, number>, key: string) => {
    const n = (counts.get(key) ?? 0) + 1;
    counts.set(key, n);
    return n;
  };

  function applies(fault: Fault, unit: string, nth: number): boolean {
    if (randomOf(seed, 'fault', fault.spec, unit, nth).next() * 100 >= fault.percent) return false;
    if (fault.times === Number.POSITIVE_INFINITY) return true;
    return count(faultCounts, `${faults.indexOf(fault)} ${fault.each ? unit : ''}`) <= fault.times;
  }

  function decide(request: RequestScope): FaultDecision {
    const unit = `${request.endpoint}/${request.country}`;
    const nth = count(requestCounts, unit);
    const candidates = faults.filter((fault) => fault.stage !== 'world' && inScope(fault, request));
    const fault = candidates.find((f) => f.stage !== 'latency' && applies(f, unit, nth)) ?? null;
    const latency = candidates
      .filter((f) => f.stage === 'latency' && applies(f, unit, nth))
      .reduce((sum, f) => sum + latencyOf(f, randomOf(seed, 'latency', unit, nth).normal), 0);
    return { latency, fault };
  }

  const firstWorldFault = faults.find((fault) => fault.stage === 'world')?.spec ?? null;
  return { decide, changes: changesOf(faults), firstWorldFault };
}
