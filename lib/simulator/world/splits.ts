// Splits the people of an area by reason and origin. Most areas have only the first split.
import { NOT_AVAILABLE, type Place } from './areas.ts';
import type { Operation, Reasons } from './operations.ts';
import { type Random, shuffled } from './random.ts';

/** A reason and an origin in rows of an operation. */
export interface Split {
  readonly reason: string;
  readonly origin: Place;
  /** Probability that an area has it, 0 to 1. */
  readonly chance: number;
  /** Share of the area's people in it, 0 to 1. */
  readonly share: number;
}

const REASONS: Record<Reasons, readonly string[]> = {
  conflict: ['Conflict', 'Insecurity', 'Conflict; Natural disaster'],
  disaster: ['Natural disaster', 'Other reason'],
  economic: ['Economic reasons', 'Natural disaster; Economic reasons', 'Other reason'],
  mixed: [
    'Conflict',
    'Natural disaster',
    'Insecurity',
    'Conflict; Natural disaster; Other reason',
    'No reason for displacement reported',
  ],
};

/** The reason in another case. API: both "Conflict" and "conflict", "Natural disaster" and "Natural Disaster" occur. */
export function otherCase(reason: string): string {
  return reason.includes('disaster') ? reason.replace(/disaster/g, 'Disaster') : reason.toLowerCase();
}

function origins(operation: Operation, places: readonly Place[], random: Random): Place[] {
  if (operation.flags.has('origin')) return [...shuffled(places, random).slice(0, 4), NOT_AVAILABLE];
  if (operation.flags.has('rare')) return [NOT_AVAILABLE, ...shuffled(places, random).slice(0, 3)];
  return [NOT_AVAILABLE];
}

/** The splits of an operation. No two have the same reason and origin. `factor` multiplies the chances. */
export function splitsOf(operation: Operation, places: readonly Place[], random: Random, factor: number) {
  const [mainOrigin = NOT_AVAILABLE, ...otherOrigins] = origins(operation, places, random);
  const [mainReason = '', ...otherReasons] = REASONS[operation.reasons];
  const rare = operation.flags.has('rare');
  const all: Split[] = [{ reason: mainReason, origin: mainOrigin, chance: 1, share: 1 }];
  for (const origin of otherOrigins) {
    const chance = (rare ? 0.03 : 0.16) * factor;
    all.push({ reason: mainReason, origin, chance, share: 0.06 + 0.12 * random.next() });
  }
  for (const reason of otherReasons) {
    all.push({ reason, origin: mainOrigin, chance: 0.14 * factor, share: 0.04 + 0.1 * random.next() });
  }
  return all;
}
