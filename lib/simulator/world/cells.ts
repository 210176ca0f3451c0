// The counts of the world at admin2. The other levels are sums of them.
import { type Area, areasOf, type Place, RECODED_SINCE } from './areas.ts';
import type { Country } from './countries.ts';
import type { Operation } from './operations.ts';
import { type Presence, presencesOf } from './presence.ts';
import { type Random, randomOf } from './random.ts';
import { nextRound, type Round, roundsOf } from './rounds.ts';
import type { Size } from './size.ts';
import type { Split } from './splits.ts';
import { stockOf } from './stock.ts';

/** The count of one area, operation, round, reason, origin and assessment type. */
export interface Cell {
  readonly operation: string;
  readonly assessment: string;
  readonly date: string;
  readonly round: number;
  readonly admin1: Place;
  readonly admin2: Place | null;
  readonly reason: string;
  readonly origin: Place;
  /** Null, as `males` and `females` are, if the round has no counts. */
  readonly present: number | null;
  readonly males: number | null;
  readonly females: number | null;
}

/** Seed and size of the world. */
export interface WorldScale {
  readonly seed: number;
  readonly size: Size;
}

/** True if rows of this split have counts of males and females. */
function hasSexes(operation: Operation, split: Split, round: Round, main: boolean): boolean {
  if (operation.flags.has('nosex')) return false;
  return !operation.flags.has('partsex') || (main && round.number % 3 !== 1 && split.reason !== 'Insecurity');
}

/** Splits people into males and females. API: sometimes the two do not add up, so here too. */
function bySex(present: number, males: number, random: Random) {
  const m = Math.round(present * Math.min(0.6, Math.max(0.38, males)));
  const surplus = random.next() < 0.004 ? 1 + random.int(3) : 0;
  return { males: m, females: present - m + surplus };
}

const NO_COUNTS = { present: null, males: null, females: null };

interface Snapshot {
  readonly operation: Operation;
  readonly round: Round;
  /** People in all areas. */
  readonly people: number;
  /** Progress of the operation, 0 to 1. */
  readonly progress: number;
  readonly random: Random;
}

const codesAt = (area: Area, date: string) => (area.recoded && date >= RECODED_SINCE ? area.recoded : area);

/** The weights of the areas at a snapshot. They change slowly over the years. An area that is not counted yet has weight 0. */
function weightsAt(presences: readonly Presence[], snapshot: Snapshot): number[] {
  const { progress, round } = snapshot;
  const drift = (phase: number) => 1 + 0.3 * Math.sin(phase + round.months / 23);
  return presences.map((p) => (p.since <= progress ? p.weight * drift(p.phase) : 0));
}

function cellsOfArea(presence: Presence, people: number, snapshot: Snapshot): Omit<Cell, 'assessment'>[] {
  const { operation, round, random } = snapshot;
  const area = codesAt(presence.area, round.date);
  const empty = operation.flags.has('null') && round.number === 1;
  const cells: Omit<Cell, 'assessment'>[] = [];
  for (const [i, split] of presence.splits.entries()) {
    const present = Math.round(people * split.share * (1 + 0.02 * random.normal()));
    const sex = bySex(present, presence.males, random);
    if (present <= 0) continue;
    const sexes = hasSexes(operation, split, round, i === 0) ? sex : { males: null, females: null };
    cells.push({
      operation: operation.name,
      date: round.date,
      round: round.number,
      admin1: area.admin1,
      admin2: area.admin2,
      reason: split.reason,
      origin: split.origin,
      ...(empty ? NO_COUNTS : { present, ...sexes }),
    });
  }
  return cells;
}

/** Assessment types at a progress of 0 to 1: the second one ends half-way. */
function assessmentsAt(operation: Operation, progress: number): readonly string[] {
  return progress <= 0.5 ? operation.assessments : operation.assessments.slice(0, 1);
}

/** The cells of an operation, by round. `extra` is the date of an additional round; '' is its default date. */
export function cellsOf(country: Country, operation: Operation, scale: WorldScale, extra?: string): Cell[] {
  const { seed, size } = scale;
  if (operation.flags.has('nodata')) return [];

  // Areas and rounds of the operation
  const presences = presencesOf(seed, operation, areasOf(country, seed, size), size);
  const rounds = roundsOf(seed, operation, size);
  const added = extra === undefined ? null : nextRound(operation, rounds, extra || undefined);
  const stock = stockOf(seed, operation);
  const length = rounds.at(-1)?.months || 1;

  // People of each round, distributed over the areas
  return [...rounds, ...(added ? [added] : [])].flatMap((round) => {
    const random = randomOf(seed, 'figures', operation.iso3, operation.name, round.date, round.number);
    const people = stock(round.months) * (1 + 0.012 * random.normal());
    const snapshot = { operation, round, people, progress: round.months / length, random };
    const weights = weightsAt(presences, snapshot);
    const sum = weights.reduce((a, b) => a + b, 0);
    const cells = presences.flatMap((presence, i) =>
      weights[i] ? cellsOfArea(presence, (people * (weights[i] ?? 0)) / sum, snapshot) : [],
    );
    return assessmentsAt(operation, snapshot.progress).flatMap((assessment) =>
      cells.map((cell) => ({ ...cell, assessment })),
    );
  });
}
