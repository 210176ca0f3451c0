// Finds the reply to a request, in this order: firewall, path, key, faults, answer.
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnswerSource } from './answer-source.ts';
import { corrupt } from './corrupt.ts';
import { type DisplacementTarget, isHna, type Target } from './endpoints.ts';
import { type Envelope, success } from './envelope.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { Fault } from './faults.ts';
import { hnaReply } from './hna/hna-answer.ts';
import type { HnaTarget } from './hna/targets.ts';
import type { LoggedRequest } from './log.ts';
import { answerLevel, isWholeCountry } from './query.ts';
import { faultReply, firewall, json, jsonBytes, notFound, type Reply, unauthorised } from './reply.ts';

/** The gateway's refusal of a request. Null if the gateway lets it pass. */
function gatewayReply(entry: LoggedRequest, target: Target | null, source: AnswerSource): Reply | null {
  if (/^python-requests/i.test(entry.headers['user-agent'] ?? '')) return firewall();
  if (!target || !isServed(target, source)) return notFound();
  if (target.endpoint === 'hna-file') return null;
  if (entry.key === 'none' || entry.key === 'wrong') return unauthorised(entry.key === 'wrong');
  return null;
}

const isServed = (target: Target, source: AnswerSource) =>
  isHna(target) ? source.hna !== undefined : source.versions.includes(target.version);

/** The recorded answer to a request, to be sent byte for byte. Null if there is none. */
function recordedFor(entry: LoggedRequest, source: AnswerSource): Uint8Array | null {
  if (entry.endpoint === 'countries') return source.recorded?.('country-list') ?? null;
  if (entry.endpoint === 'operations') return source.recorded?.('operation-list') ?? null;
  if (!isWholeCountry(entry.query)) return null;
  return source.recorded?.(`${entry.endpoint}-${entry.country}`) ?? null;
}

function envelopeFor(entry: LoggedRequest, target: DisplacementTarget, source: AnswerSource): Envelope {
  if (entry.endpoint === 'countries') return success(source.countryList());
  if (entry.endpoint === 'operations') return success(source.operationList());
  return answerLevel(source, target.version, entry.level ?? 0, entry.query);
}

function composeReply(
  entry: LoggedRequest,
  target: Target,
  source: AnswerSource,
  fault: Fault | null,
): Reply {
  if (isHna(target)) return composeHnaReply(entry, target, source, fault);
  if (fault?.stage === 'rows') return json(200, corrupt(envelopeFor(entry, target, source), fault));
  const recorded = recordedFor(entry, source);
  return recorded ? jsonBytes(200, recorded) : json(200, envelopeFor(entry, target, source));
}

function composeHnaReply(
  { query, headers }: LoggedRequest,
  target: HnaTarget,
  { hna }: AnswerSource,
  fault: Fault | null,
): Reply {
  return hna ? hnaReply(hna, { target, query, fault, host: headers.host ?? '' }) : notFound();
}

/** The source of answers and the active faults. */
export interface SimulatorState {
  readonly source: AnswerSource;
  readonly plan: FaultPlan;
}

/** Finds the reply to a request, and the fault to apply while it is sent. Waits first if there is a latency fault. */
export async function replyTo(
  { entry, target, key }: { entry: LoggedRequest; target: Target | null; key: string },
  { source, plan }: SimulatorState,
  signal: AbortSignal,
): Promise<{ reply: Reply; fault: Fault | null }> {
  const refused = gatewayReply(entry, target, source);
  if (refused || !target) return { reply: refused ?? notFound(), fault: null };
  const { latency, fault } = plan.decide({ endpoint: target.endpoint, country: entry.country });
  if (latency > 0) await sleep(latency, undefined, { signal });
  const reply =
    fault?.stage === 'instead' ? faultReply(fault, key) : composeReply(entry, target, source, fault);
  return { reply, fault };
}
