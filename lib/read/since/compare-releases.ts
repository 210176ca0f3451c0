// What differs between two releases, by the rules of `changes/`: country by country, so one country is in memory at a
// time. A country whose files have the same SHA-256 on both sides is not read.
import { type CountryChanges, summariseCountry } from '../../make/changes/country-changes.ts';
import type { Difference } from '../../make/changes/differences.ts';
import { countryParquet } from '../../release/layout.ts';
import { isSameMajor, type Manifest } from '../../release/manifest.ts';
import type { ReleaseEntry } from '../../release/release-list.ts';
import { identityDifference } from '../../release/terms.ts';
import type { Store } from '../../store/store.ts';
import { type Columns, stringColumn, valueAt } from '../../table/columns.ts';
import { compareRows } from '../../table/compare.ts';
import { type LevelTable, SCHEMA_VERSION, type TableSchema, tablesOf } from '../../table/schema.ts';
import { DownloadError } from '../find-release.ts';
import { type CountChange, findCountChanges } from './counts.ts';
import type { ListedReleases } from './find-listed.ts';
import { withoutLabels } from './net-rows.ts';
import {
  type CountryRows,
  createCountryReader,
  createManifestReader,
  openSide,
  type ReleaseSide,
} from './release-side.ts';

export interface CompareOptions {
  readonly from: ReleaseEntry;
  readonly to: ReleaseEntry;
  readonly tables: readonly LevelTable[];
  /** Null for all. */
  readonly countries: readonly string[] | null;
  readonly now: Date;
  /** Called with every country that differs, in order, before the next one is read. */
  readonly onCountry: (country: ComparedCountry) => void | Promise<void>;
  readonly onProgress: (done: number, countries: number) => void;
  /** Called for every change log that was read, if a release has to be rebuilt. */
  readonly onLog?: (done: number, logs: number) => void;
  readonly signal?: AbortSignal;
}

/** What differs in one country. */
export interface ComparedCountry {
  readonly name: string;
  readonly apiVersion: Manifest['api_version'];
  readonly changes: CountryChanges;
  readonly counts: readonly CountChange[];
}

/** What was compared, and how. */
export interface ComparedReleases {
  readonly from: ReleaseSide;
  readonly to: ReleaseSide;
  /** Countries with rows on at least one side. */
  readonly countries: number;
  /** Countries whose files differ in any byte, so that their rows were compared. */
  readonly read: number;
  /** Columns, as `table.column`, that only one side has or this program does not know: they were not compared. */
  readonly leftOut: readonly string[];
  /** False if a side was rebuilt from change logs, which do not have the labels. */
  readonly labelsCompared: boolean;
}

/**
 * Compares two releases.
 * @throws {DownloadError} if they cannot be compared; {DamagedFileError}; {StoreError}; the signal's reason
 */
export async function compareReleases(
  store: Store,
  list: ListedReleases,
  { from: older, to: newer, tables, now, ...options }: CompareOptions,
): Promise<ComparedReleases> {
  const readManifest = createManifestReader(store, list);
  const from = await openSide(readManifest, list, { entry: older, now });
  const to = await openSide(readManifest, list, { entry: newer, now });
  checkComparable(from.manifest, to.manifest);
  const sides = { from, to, tables };
  const listed = selectCountries(sides, options.countries);
  const differing = listed.filter((country) => hasOtherFiles(sides, country));
  const input = { tables, countries: new Set(differing), onLog: options.onLog };
  const readBefore = await createCountryReader(store, readManifest, { side: from, ...input });
  const readAfter = await createCountryReader(store, readManifest, { side: to, ...input });
  const labelsCompared = from.place.steps.length + to.place.steps.length === 0;
  const how = { schemas: sharedSchemas(sides), labelsCompared };
  for (const [at, country] of differing.entries()) {
    options.signal?.throwIfAborted();
    const [before, after] = [await readBefore(country), await readAfter(country)];
    const found = describeCountry(country, findDifferences(country, { before, after }, how));
    if (found) await options.onCountry({ ...found, apiVersion: to.manifest.api_version });
    options.onProgress(at + 1, differing.length);
  }
  return {
    ...{ from, to, countries: listed.length, read: differing.length, labelsCompared },
    leftOut: columnsLeftOut(sides),
  };
}

/** Compares the tables of a country. */
function findDifferences(
  country: string,
  { before, after }: { before: CountryRows; after: CountryRows },
  { schemas, labelsCompared }: { schemas: ReadonlyMap<LevelTable, TableSchema>; labelsCompared: boolean },
): Difference[] {
  return [...schemas].map(([table, schema]) => {
    const rowsOf = (rows: CountryRows): Columns => {
      const own = rows.get(table) as Columns;
      return labelsCompared ? own : withoutLabels(schema, own);
    };
    const [old, now] = [rowsOf(before), rowsOf(after)];
    return { table, country, schema, before: old, after: now, comparison: compareRows(schema, old, now) };
  });
}

/** The differences of a country; null if its rows are the same. */
function describeCountry(
  country: string,
  differences: readonly Difference[],
): Omit<ComparedCountry, 'apiVersion'> | null {
  const changes = summariseCountry(country, differences);
  if (changes.tables.size === 0) return null;
  return { name: countryName(differences), changes, counts: differences.flatMap(findCountChanges) };
}

function countryName(differences: readonly Difference[]): string {
  const rows = differences.flatMap(({ after, before }) => [after, before]).find(({ length }) => length > 0);
  return rows ? (valueAt(stringColumn(rows, 'admin0_name'), 0) as string) : '';
}

/** @throws {DownloadError} if the two hold different datasets, or tables of different major versions */
function checkComparable(from: Manifest, to: Manifest): void {
  const difference = identityDifference({ ...from, visibility: to.visibility }, to);
  if (difference)
    throw new DownloadError(
      `${from.release} and ${to.release}: expected two releases of one dataset, found ${difference.split(';')[0]}`,
    );
  const other = [from, to].find((manifest) => !isSameMajor(manifest));
  if (other)
    throw new DownloadError(
      `${other.release}: expected tables of major version ${SCHEMA_VERSION.split('.')[0]}, found ${other.schema_version}, whose rows mean something else; compare releases of one major version, with a program of that version`,
    );
}

interface Sides {
  readonly from: ReleaseSide;
  readonly to: ReleaseSide;
  readonly tables: readonly LevelTable[];
}

/** The SHA-256 of the Parquet file of a country; null if it has none. */
const hashOf = ({ manifest }: ReleaseSide, table: LevelTable, country: string): string | null =>
  manifest.files.find(({ path }) => path === countryParquet(table, country))?.sha256 ?? null;

const hasOtherFiles = ({ from, to, tables }: Sides, country: string): boolean =>
  tables.some((table) => hashOf(from, table, country) !== hashOf(to, table, country));

/** The countries with rows on a side, sorted. @throws {DownloadError} if a wanted one has none on both */
function selectCountries({ from, to, tables }: Sides, wanted: readonly string[] | null): string[] {
  const files = [...from.manifest.files, ...to.manifest.files];
  const isOfTables = (table: string | null): boolean => tables.some((one) => one === table);
  const there = new Set(files.flatMap(({ country, table }) => (country && isOfTables(table) ? country : [])));
  const missing = wanted?.find((country) => !there.has(country));
  if (missing === undefined) return wanted ? [...wanted] : [...there].sort();
  throw new DownloadError(
    `--countries: neither ${from.manifest.release} nor ${to.manifest.release} has rows of ${missing}; expected some of ${[...there].sort().join(', ')}`,
  );
}

/** The names of a table's columns in a release. */
const columnNames = ({ manifest }: ReleaseSide, table: LevelTable): string[] =>
  manifest.tables.find(({ name }) => name === table)?.columns.map(({ name }) => name) ?? [];

/** The tables with the columns that both sides have. A column that only one has would make every row another one. */
function sharedSchemas({ from, to, tables }: Sides): ReadonlyMap<LevelTable, TableSchema> {
  const schemas = tablesOf(to.manifest.api_version);
  const shared = tables.map((table) => {
    const [old, now] = [columnNames(from, table), columnNames(to, table)];
    const isShared = (name: string): boolean => old.includes(name) && now.includes(name);
    const schema = schemas[table];
    return [
      table,
      {
        ...schema,
        columns: schema.columns.filter(({ name }) => isShared(name)),
        sortBy: schema.sortBy.filter(isShared),
      },
    ] as const;
  });
  return new Map(shared);
}

/** Columns that were not compared: only one side has them, or they are newer than this program. */
function columnsLeftOut(sides: Sides): string[] {
  const shared = sharedSchemas(sides);
  return sides.tables.flatMap((table) => {
    const compared = new Set(shared.get(table)?.columns.map(({ name }) => name));
    const names = new Set([...columnNames(sides.from, table), ...columnNames(sides.to, table)]);
    return [...names].filter((name) => !compared.has(name)).map((name) => `${table}.${name}`);
  });
}
