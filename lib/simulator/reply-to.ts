// From a request to what is sent: the firewall, the path, the key, faults, and at last the answer.

import { setTimeout as sleep } from 'node:timers/promises';
import type { AnswerSource } from './answer-source.ts';
import { corrupt } from './corrupt.ts';
import type { Target } from './endpoints.ts';
import { type Envelope, success } from './envelope.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { Fault } from './faults.ts';
import type { LoggedRequest } from './log.ts';
import { answerLevel, isWholeCountry } from './query.ts';
import { faultReply, firewall, json, jsonBytes, notFound, type Reply, unauthorised } from './reply.ts';

/** Why a request gets no further than the gateway, or null. */
function gatewayReply(entry: LoggedRequest, target: Target | null, holdings: AnswerSource): Reply | null {
  if (/^python-requests/i.test(entry.headers['user-agent'] ?? '')) return firewall();
  if (!target || !holdings.versions.includes(target.version)) return notFound();
  if (entry.key === 'none' || entry.key === 'wrong') return unauthorised(entry.key === 'wrong');
  return null;
}

/** The recorded answer that is to be sent byte for byte, or null. */
function recordedFor(entry: LoggedRequest, holdings: AnswerSource): Uint8Array | null {
  if (entry.endpoint === 'countries') return holdings.recorded?.('country-list') ?? null;
  if (entry.endpoint === 'operations') return holdings.recorded?.('operation-list') ?? null;
  if (!isWholeCountry(entry.query)) return null;
  return holdings.recorded?.(`${entry.endpoint}-${entry.country}`) ?? null;
}

function envelopeFor(entry: LoggedRequest, target: Target, holdings: AnswerSource): Envelope {
  if (entry.endpoint === 'countries') return success(holdings.countryList());
  if (entry.endpoint === 'operations') return success(holdings.operationList());
  return answerLevel(holdings, target.version, entry.level ?? 0, entry.query);
}

function composeReply(
  entry: LoggedRequest,
  target: Target,
  holdings: AnswerSource,
  fault: Fault | null,
): Reply {
  if (fault?.stage === 'rows') return json(200, corrupt(envelopeFor(entry, target, holdings), fault));
  const recorded = recordedFor(entry, holdings);
  return recorded ? jsonBytes(200, recorded) : json(200, envelopeFor(entry, target, holdings));
}

/** What the simulator answers from at a time. */
export interface SimulatorState {
  readonly source: AnswerSource;
  readonly plan: FaultPlan;
}

/** The reply to a request, and the fault that has still to be done to it; waits as long as a latency fault says. */
export async function replyTo(
  { entry, target, key }: { entry: LoggedRequest; target: Target | null; key: string },
  { source, plan }: SimulatorState,
  signal: AbortSignal,
): Promise<{ reply: Reply; fault: Fault | null }> {
  const away = gatewayReply(entry, target, source);
  if (away || !target) return { reply: away ?? notFound(), fault: null };
  const { latency, fault } = plan.decide({ endpoint: target.endpoint, country: entry.country });
  if (latency > 0) await sleep(latency, undefined, { signal });
  const reply =
    fault?.stage === 'instead' ? faultReply(fault, key) : composeReply(entry, target, source, fault);
  return { reply, fault };
}
