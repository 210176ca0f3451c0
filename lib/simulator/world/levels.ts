// Adds up the cells of admin2 to the other levels and to version 2, so that all of them agree.
import type { ApiVersion, Level } from '../../dtm/endpoints.ts';
import { NOT_AVAILABLE } from './areas.ts';
import type { Cell } from './cells.ts';

const addOrNull = (a: number | null, b: number | null) => (a === null || b === null ? null : a + b);

/** Key of the cells that are added up: all fields except finer areas, and in v2 except reason and origin. */
function keyOf(cell: Cell, level: Level, version: ApiVersion): string {
  const snapshot = `${cell.operation}|${cell.assessment}|${cell.date}|${cell.round}`;
  const admin1 = level >= 1 ? `${cell.admin1.code}|${cell.admin1.name}` : '';
  const admin2 = level === 2 ? `${cell.admin2?.code}|${cell.admin2?.name}` : '';
  const split = version === 'v3' ? `${cell.reason}|${cell.origin.code}` : '';
  return `${snapshot}|${admin1}|${admin2}|${split}`;
}

/** The cells of a level and version. A sum is null if one of its counts is null. */
export function atLevel(cells: readonly Cell[], level: Level, version: ApiVersion): readonly Cell[] {
  if (level === 2 && version === 'v3') return cells;
  const sums = new Map<string, Cell>();
  for (const cell of cells) {
    const key = keyOf(cell, level, version);
    const sum = sums.get(key);
    sums.set(
      key,
      sum
        ? {
            ...sum,
            present: addOrNull(sum.present, cell.present),
            males: addOrNull(sum.males, cell.males),
            females: addOrNull(sum.females, cell.females),
          }
        : level === 0
          ? { ...cell, admin1: NOT_AVAILABLE, admin2: null }
          : cell,
    );
  }
  return [...sums.values()];
}
