// The areas in which an operation counts people: since when, with which weight and splits. A weight stays from round to
// round and changes slowly, so that the counts of an area form a realistic series.
import { type Area, NOT_AVAILABLE } from './areas.ts';
import type { Operation } from './operations.ts';
import { randomOf, shuffled } from './random.ts';
import type { Size } from './size.ts';
import { otherCase, type Split, splitsOf } from './splits.ts';

/** An area in which an operation counts people. */
export interface Presence {
  readonly area: Area;
  readonly weight: number;
  /** Progress of the operation, 0 to 1, at which the area is first counted. */
  readonly since: number;
  readonly phase: number;
  /** Share of males. */
  readonly males: number;
  /** Splits of the area, the main one first. Their shares add up to 1. */
  readonly splits: readonly Split[];
}

/** The areas that the operation covers: whole first subdivisions, one after another, up to its share. */
function covered(seed: number, operation: Operation, areas: readonly Area[]): Area[] {
  const count = Math.max(1, Math.round(areas.length * operation.coverage));
  if (count >= areas.length) return [...areas];
  const firsts = shuffled(
    [...new Set(areas.map((area) => area.admin1.code))],
    randomOf(seed, 'cover', operation.iso3, operation.name),
  );
  const ordered = firsts.flatMap((code) => areas.filter((area) => area.admin1.code === code));
  return ordered.slice(0, count);
}

/** Areas without a place. API: "Not available" for people whose place is unknown. */
function unplaced(operation: Operation, areas: readonly Area[]): Area[] {
  const [first] = areas;
  if (!first) return [];
  if (operation.flags.has('nokeys')) return [{ admin1: first.admin1, admin2: null }];
  if (!operation.flags.has('unplaced')) return [];
  return [
    { admin1: NOT_AVAILABLE, admin2: NOT_AVAILABLE },
    { admin1: first.admin1, admin2: NOT_AVAILABLE },
  ];
}

/** Makes the shares add up to 1: the first split gets the rest. */
function normaliseShares(splits: readonly Split[]): Split[] {
  const [main, ...others] = splits;
  if (!main) return [];
  const rest = others.reduce((sum, split) => sum + split.share, 0);
  return [{ ...main, share: 1 - rest }, ...others];
}

/** All areas in which the operation counts people. The first one is counted from the start. */
export function presencesOf(
  seed: number,
  operation: Operation,
  areas: readonly Area[],
  size: Size,
): Presence[] {
  const places = [...new Map(areas.map((area) => [area.admin1.code, area.admin1])).values()];
  const splits = splitsOf(
    operation,
    places,
    randomOf(seed, 'splits', operation.iso3, operation.name),
    size.splits,
  );
  const coveredAreas = covered(seed, operation, areas);
  const list = [...coveredAreas, ...unplaced(operation, areas)].map((area, i): Presence => {
    const random = randomOf(seed, 'presence', operation.iso3, operation.name, i);
    const weight = Math.exp(random.normal()) * (i < coveredAreas.length ? 1 : 0.05);
    const since = i > 0 && random.next() < 0.35 ? 0.5 * random.next() : 0;
    const phase = 2 * Math.PI * random.next();
    const males = 0.485 + 0.015 * random.normal();
    const ownSplits = normaliseShares(splits.filter((split) => random.next() < split.chance));
    const hasOtherCase = operation.flags.has('case') && i % 4 === 1;
    return {
      area,
      weight,
      since,
      phase,
      males,
      splits: hasOtherCase
        ? ownSplits.map((split) => ({ ...split, reason: otherCase(split.reason) }))
        : ownSplits,
    };
  });
  return list;
}
