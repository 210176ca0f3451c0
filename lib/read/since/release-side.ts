// One side of a comparison: a release, and the rows of its countries. They are read from its data files or, where these
// are gone, rebuilt from those of another release and the change logs between the two.
import { readLevelRows } from '../../catalogue/published-rows.ts';
import { countryParquet, releaseKey } from '../../release/layout.ts';
import { DamagedFileError, type Manifest } from '../../release/manifest.ts';
import type { ReleaseEntry } from '../../release/release-list.ts';
import type { Store } from '../../store/store.ts';
import { type Columns, emptyColumns, stringColumn, take, valueAt } from '../../table/columns.ts';
import { type LevelTable, type TableSchema, tablesOf } from '../../table/schema.ts';
import { DownloadError, readRelease } from '../find-release.ts';
import { describeGap, findPlace, nearestPlaces, type Place } from './chain.ts';
import { type ManifestReader, sumLogs } from './change-log.ts';
import type { ListedReleases } from './find-listed.ts';
import { applyNet, type NetRows, withoutLabels } from './net-rows.ts';

/** The rows of one country by table, each sorted. A table without rows of the country is empty. */
export type CountryRows = ReadonlyMap<LevelTable, Columns>;

/** A release whose rows can be read. `place.steps` is empty if its own data files are there. */
export interface ReleaseSide {
  readonly entry: ReleaseEntry;
  readonly manifest: Manifest;
  readonly place: Place;
}

/** Reads manifests of listed releases by id, each once, and checks their SHA-256. */
export function createManifestReader(store: Store, { listed }: ListedReleases): ManifestReader {
  const read = new Map<string, Promise<Manifest>>();
  return (release) => {
    const entry = listed.find((one) => one.release === release);
    const known =
      read.get(release) ??
      readRelease(store, release, entry?.manifest_sha256 ?? '').then(({ manifest }) => manifest);
    read.set(release, known);
    return known;
  };
}

/** Finds the rows of a release. @throws {DownloadError} if no change log leads from it to data files */
export async function openSide(
  readManifest: ManifestReader,
  list: ListedReleases,
  { entry, now }: { entry: ReleaseEntry; now: Date },
): Promise<ReleaseSide> {
  const place = findPlace(list.listed, entry.release, now);
  if (place) return { entry, manifest: await readManifest(entry.release), place };
  const instead = nearestPlaces(list.listed, entry.release, now);
  throw new DownloadError(
    `release ${entry.release}: ${whyGone(entry)}, and no chain of change logs leads from it to data files, because ${describeGap(list.listed, entry.release)}; ${instead.length > 0 ? `give ${instead.join(' or ')}, the nearest that can be compared` : 'nothing here can be compared with it'}`,
  );
}

/** Why the data files of a release are gone. */
export const whyGone = ({ status, withdrawn, expires_at }: ReleaseEntry): string =>
  status === 'withdrawn'
    ? `it was withdrawn (${withdrawn?.reason ?? 'no reason is given'})`
    : `its data files were kept until ${expires_at}`;

/** Reads the rows of a country. @throws {DamagedFileError}; {StoreError} */
export type CountryReader = (country: string) => Promise<CountryRows>;

/** What a reader of rows needs. `countries`: null for all. */
export interface SideInput {
  readonly tables: readonly LevelTable[];
  readonly countries: ReadonlySet<string> | null;
  readonly onLog?: ((done: number, logs: number) => void) | undefined;
}

/** Creates a function that reads the rows of countries of a release. The logs are read and added up first. */
export async function createCountryReader(
  store: Store,
  readManifest: ManifestReader,
  { side, tables, countries, onLog = () => {} }: SideInput & { side: ReleaseSide },
): Promise<CountryReader> {
  const { place, manifest } = side;
  const base = await readManifest(place.base);
  const schemas = tablesOf(manifest.api_version);
  const nets = new Map<LevelTable, NetRows>();
  const logs = place.steps.length * tables.length;
  let done = 0;
  for (const table of place.steps.length > 0 ? tables : []) {
    const part = { table, countries };
    const input = { steps: place.steps, part, schema: schemas[table], onLog: () => onLog(++done, logs) };
    nets.set(table, await sumLogs(store, readManifest, input));
  }
  return async (country) => {
    const rows = await readLevelRows(store, base, country, tables);
    const complete = new Map<LevelTable, Columns>();
    for (const table of tables) {
      const schema = schemas[table];
      const own = rows.get(table) ?? emptyColumns(schema.columns);
      const net = nets.get(table);
      complete.set(
        table,
        net ? rebuildRows(schema, own, { net: onlyCountry(net, country), side, country }) : own,
      );
    }
    return complete;
  };
}

/**
 * The rows of a release after the logs. Their number must be the one that its manifest gives.
 * @throws {DamagedFileError} if the logs are not those of the rows
 */
export function rebuildRows(
  schema: TableSchema,
  rows: Columns,
  {
    net,
    side: { manifest, place },
    country,
  }: { net: NetRows; side: Pick<ReleaseSide, 'manifest' | 'place'>; country: string },
): Columns {
  const rebuilt = applyNet(schema, withoutLabels(schema, rows), net);
  const path = countryParquet(schema.name as LevelTable, country);
  const expected = manifest.files.find((file) => file.path === path)?.rows ?? 0;
  if (rebuilt?.length === expected) return rebuilt;
  throw new DamagedFileError(
    releaseKey(manifest.release, path),
    `it was to be rebuilt from release ${place.base} and its change logs (${place.steps.length}), which do not fit: expected ${expected} rows, found ${rebuilt?.length ?? 'rows to remove that are not there'}`,
  );
}

function onlyCountry({ gone, come }: NetRows, country: string): NetRows {
  const pick = (rows: Columns): Columns => {
    const pcodes = stringColumn(rows, 'admin0_pcode');
    const wanted = [...Array(rows.length).keys()].filter((row) => valueAt(pcodes, row) === country);
    return take(rows, Uint32Array.from(wanted));
  };
  return { gone: pick(gone), come: pick(come) };
}
