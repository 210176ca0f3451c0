// The synthetic world. Everything depends only on seed, scale and changes, and is built when it is requested. Memory: only
// the cells of the last few countries are cached, never the whole world.
import type { ApiVersion, Level } from '../../dtm/endpoints.ts';
import type { AnswerSource } from '../answer-source.ts';
import { createHnaWorld } from '../hna/hna-world.ts';
import { type Cell, cellsOf } from './cells.ts';
import { COUNTRIES, type Country } from './countries.ts';
import { atLevel } from './levels.ts';
import { OPERATIONS, type Operation } from './operations.ts';
import { randomOf } from './random.ts';
import { type Row, rowsOf } from './rows.ts';
import { sizeOf } from './size.ts';

/** Differences from the original world. Every key is an ISO3 code. */
export interface WorldChanges {
  /** Number of people added to one count of the country, at every level. */
  readonly changed: ReadonlyMap<string, number>;
  /** Countries that are in no list: the API does not know them. */
  readonly gone: ReadonlySet<string>;
  /** Countries with new ids and another row order. `*` means all. */
  readonly renumbered: ReadonlySet<string>;
  /** Date of an additional round of the country's newest operation. '' means 15 days after the last. */
  readonly newRound: ReadonlyMap<string, string>;
  /** New name of the country's newest operation. '' means the old name with " (renamed)". */
  readonly renamed: ReadonlyMap<string, string>;
}

/** The original world. */
export const NO_CHANGES: WorldChanges = {
  changed: new Map(),
  gone: new Set(),
  renumbered: new Set(),
  newRound: new Map(),
  renamed: new Map(),
};

const CACHED_COUNTRIES = 4;

/** The operation that a country's changes apply to: the one whose rounds end last. */
function newestOperation(iso3: string): Operation | undefined {
  const candidates = OPERATIONS.filter(
    (operation) => operation.iso3 === iso3 && !operation.flags.has('nodata'),
  );
  return candidates.reduce<Operation | undefined>(
    (newest, o) => (newest && newest.to >= o.to ? newest : o),
    undefined,
  );
}

/** Adds people to one cell: the newest that has a count. `females` grows with it. */
function withChange(cells: readonly Cell[], people: number): readonly Cell[] {
  let newest = -1;
  for (const [i, cell] of cells.entries()) {
    if (cell.present !== null && cell.date > (cells[newest]?.date ?? '')) newest = i;
  }
  return cells.map((cell, i) =>
    i === newest && cell.present !== null
      ? { ...cell, present: cell.present + people, females: cell.females && cell.females + people }
      : cell,
  );
}

const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Creates the world of a seed and a scale. */
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
    const operations = OPERATIONS.filter((operation) => operation.iso3 === country.iso3);
    const cells = operations.flatMap((operation) => cellsOfOperation(country, operation));
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
    hna: createHnaWorld(countries, worldScale),
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
