// The synthetic world: everything is a function of seed, scale and changes, made when it is asked
// for. Memory: the cells of the few countries asked for last, never the whole world.

import type { ApiVersion, Level } from '../../dtm/endpoints.ts';
import type { AnswerSource } from '../answer-source.ts';
import { type Cell, cellsOf } from './cells.ts';
import { COUNTRIES, type Country } from './countries.ts';
import { atLevel } from './levels.ts';
import { OPERATIONS, type Operation } from './operations.ts';
import { randomOf } from './random.ts';
import { type Row, rowsOf } from './rows.ts';
import { sizeOf } from './size.ts';

/** How the world differs from the one of an earlier run; every key is an ISO3 code. */
export interface WorldChanges {
  /** People added to one figure of the country, at every level. */
  readonly changed: ReadonlyMap<string, number>;
  /** Countries that are in no list and unknown. */
  readonly gone: ReadonlySet<string>;
  /** Countries whose ids and row order are others; `*` stands for all. */
  readonly renumbered: ReadonlySet<string>;
  /** One more round of the country's newest operation: its date, or '' for two weeks after the last. */
  readonly newRound: ReadonlyMap<string, string>;
  /** The country's newest operation under another name; '' for one made from the old. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** A world as it was at first. */
export const NO_CHANGES: WorldChanges = {
  changed: new Map(),
  gone: new Set(),
  renumbered: new Set(),
  newRound: new Map(),
  renamed: new Map(),
};

const CACHED_COUNTRIES = 4;

/** The operation that changes of a country concern: the one whose rounds go on longest. */
function newestOperation(iso3: string): Operation | undefined {
  const own = OPERATIONS.filter((operation) => operation.iso3 === iso3 && !operation.flags.has('nodata'));
  return own.reduce<Operation | undefined>(
    (newest, o) => (newest && newest.to >= o.to ? newest : o),
    undefined,
  );
}

/** Another figure in one cell, the newest that has one; females go along. */
function withChange(cells: readonly Cell[], people: number): readonly Cell[] {
  let at = -1;
  for (const [i, cell] of cells.entries()) {
    if (cell.present !== null && cell.date > (cells[at]?.date ?? '')) at = i;
  }
  return cells.map((cell, i) =>
    i === at && cell.present !== null
      ? { ...cell, present: cell.present + people, females: cell.females && cell.females + people }
      : cell,
  );
}

const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The world of a seed and a scale: its lists, and the rows of a country. */
export function createWorld(seed: number, scale: number, changes: WorldChanges = NO_CHANGES): AnswerSource {
  const worldScale = { seed, size: sizeOf(scale) };
  const countries = COUNTRIES.filter((country) => !changes.gone.has(country.iso3));
  const cache = new Map<string, readonly Cell[]>();

  const currentName = (operation: Operation, name: string) => {
    const renamed = changes.renamed.get(operation.iso3);
    if (renamed === undefined || operation !== newestOperation(operation.iso3)) return name;
    return renamed || `${operation.name} (renamed)`;
  };

  function cellsOfOperation(country: Country, operation: Operation): readonly Cell[] {
    const extra =
      operation === newestOperation(country.iso3) ? changes.newRound.get(country.iso3) : undefined;
    const name = currentName(operation, operation.name);
    const cells = cellsOf(country, operation, worldScale, extra);
    return name === operation.name ? cells : cells.map((cell) => ({ ...cell, operation: name }));
  }

  function makeCells(country: Country): readonly Cell[] {
    const own = OPERATIONS.filter((operation) => operation.iso3 === country.iso3);
    const cells = own.flatMap((operation) => cellsOfOperation(country, operation));
    const people = changes.changed.get(country.iso3);
    return people === undefined ? cells : withChange(cells, people);
  }

  function cellsOfCountry(country: Country): readonly Cell[] {
    const cells = cache.get(country.iso3) ?? makeCells(country);
    cache.delete(country.iso3);
    cache.set(country.iso3, cells);
    const [oldest] = cache.keys();
    if (cache.size > CACHED_COUNTRIES && oldest) cache.delete(oldest);
    return cells;
  }

  function rows(version: ApiVersion, level: Level, iso3: string): readonly Row[] {
    const country = countries.find((c) => c.iso3 === iso3);
    if (!country || level > country.finest) return [];
    const load = changes.renumbered.has(iso3) || changes.renumbered.has('*') ? 'again' : 'first';
    return rowsOf(
      atLevel(cellsOfCountry(country), level, version),
      country,
      { level, version },
      {
        random: randomOf(seed, 'ids', version, level, iso3, load),
        step: COUNTRIES.length,
        offset: COUNTRIES.indexOf(country) + 1,
      },
    );
  }

  const listed = OPERATIONS.filter((operation) => !changes.gone.has(operation.iso3));
  const nameOf = (iso3: string) => COUNTRIES.find((country) => country.iso3 === iso3)?.name ?? '';
  return {
    synthetic: true,
    versions: ['v3', 'v2'],
    countries,
    rows,
    mayHaveRows: (iso3, operation) =>
      listed.some((o) => o.iso3 === iso3 && currentName(o, o.name) === operation),
    countryList: () => countries.map(({ name, iso3 }) => ({ admin0Name: name, admin0Pcode: iso3 })),
    operationList: () =>
      listed
        .filter((o) => o.listedName !== null)
        .map((o) => ({
          operation: currentName(o, o.listedName ?? o.name),
          operationStatus: o.status,
          admin0Name: nameOf(o.iso3),
          admin0Pcode: o.iso3,
        }))
        .sort((a, b) => byName(a.operation.toLowerCase(), b.operation.toLowerCase())),
  };
}
