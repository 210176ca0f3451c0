// Within an area people are split by reason and by origin. Most areas have the first split alone.

import { NOT_AVAILABLE, type Place } from './areas.ts';
import type { Operation, Reasons } from './operations.ts';
import { type Random, shuffled } from './random.ts';

/** A reason and an origin that rows of an operation carry. */
export interface Split {
  readonly reason: string;
  readonly origin: Place;
  /** Chance that an area has it, and the share of the area's people that it then has. */
  readonly chance: number;
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

/** The reason as another hand types it. API: "Conflict" and "conflict", "Natural disaster" and "Natural Disaster". */
export function otherCase(reason: string): string {
  return reason.includes('disaster') ? reason.replace(/disaster/g, 'Disaster') : reason.toLowerCase();
}

function origins(operation: Operation, places: readonly Place[], random: Random): Place[] {
  if (operation.flags.has('origin')) return [...shuffled(places, random).slice(0, 4), NOT_AVAILABLE];
  if (operation.flags.has('rare')) return [NOT_AVAILABLE, ...shuffled(places, random).slice(0, 3)];
  return [NOT_AVAILABLE];
}

/** The splits of an operation, no two with the same reason and origin; `factor` is on the chances. */
export function splitsOf(operation: Operation, places: readonly Place[], random: Random, factor: number) {
  const [main = NOT_AVAILABLE, ...others] = origins(operation, places, random);
  const [first = '', ...lesser] = REASONS[operation.reasons];
  const rare = operation.flags.has('rare');
  const all: Split[] = [{ reason: first, origin: main, chance: 1, share: 1 }];
  for (const origin of others) {
    const chance = (rare ? 0.03 : 0.16) * factor;
    all.push({ reason: first, origin, chance, share: 0.06 + 0.12 * random.next() });
  }
  for (const reason of lesser) {
    all.push({ reason, origin: main, chance: 0.14 * factor, share: 0.04 + 0.1 * random.next() });
  }
  return all;
}
