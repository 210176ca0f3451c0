// Writes the files of one release in a fixed order: a file may name the files before it.
import type { ClaimedRelease } from '../../catalogue/claim.ts';
import { collectCharts, type ReleaseChartData } from '../../catalogue/page/charts/read-chart-data.ts';
import type { BuiltFile } from '../../make/built-file.ts';
import { changesFiles } from '../../make/changes/change-files.ts';
import type { CountryChanges } from '../../make/changes/country-changes.ts';
import { type ChangesSummary, summariseChanges } from '../../make/changes/summary.ts';
import { compareDataFiles } from '../../make/file-order.ts';
import { buildListTables } from '../../make/list-tables.ts';
import { metadataFiles } from '../../make/metadata/metadata-files.ts';
import { assessQuality } from '../../make/quality/assess.ts';
import { type RowFaults, rowChecks } from '../../make/quality/row-checks.ts';
import { checksumsFile, textFiles } from '../../make/texts.ts';
import { buildWholeTable, type FinishedTable } from '../../make/whole-table.ts';
import { worldWorkbook } from '../../make/workbooks.ts';
import type { Manifest } from '../../release/manifest.ts';
import { footerKeyValues } from '../../release/terms.ts';
import { type Columns, concat } from '../../table/columns.ts';
import { dayNumber } from '../../table/ingest.ts';
import {
  LEVEL_TABLES,
  type LevelTable,
  TABLES,
  type TableName,
  type TableSchema,
  tablesOf,
} from '../../table/schema.ts';
import { sortColumns } from '../../table/sort.ts';
import type { RunContext } from '../context.ts';
import { collectFieldCounts } from '../units/coverage.ts';
import { composeManifest, type ManifestParts } from './compose-manifest.ts';
import { countriesWithRows } from './load-country.ts';
import { createReleaseWriter, type WrittenFile } from './release-writer.ts';
import type { StagedRun } from './stage-run.ts';
import { type WrittenCountries, writeCountries } from './write-countries.ts';

/** The files that were written, the other parts of the manifest, and the charts for the page. */
export interface WrittenRelease {
  readonly written: readonly WrittenFile[];
  readonly parts: Omit<ManifestParts, 'files'>;
  readonly charts: ReleaseChartData;
}

/** Writes data, workbooks, changes, texts, metadata and checksums. `canTakeFiles`: see `CountriesInput`. */
export async function writeFiles(
  context: RunContext,
  staged: StagedRun,
  {
    claimed,
    current,
    canTakeFiles,
  }: { claimed: ClaimedRelease; current: Manifest | null; canTakeFiles: boolean },
): Promise<WrittenRelease> {
  const { plan, reports, guarded } = staged;
  const { release, claim } = claimed;
  const { terms, publicUrl } = context;
  const schemas = tablesOf(plan.api_version);
  const keyValues = footerKeyValues(plan, terms.licence);
  const writer = createReleaseWriter(context, release, countDataFiles(staged));
  const written: WrittenFile[] = [];
  const entries = () => written.map(({ entry }) => entry);
  const write = async (...files: readonly BuiltFile[]): Promise<void> => {
    for (const file of files) await writer.add(file);
    written.push(...(await writer.finish()));
  };

  // Data files and workbooks: country by country, then what needs all of them.
  const countries = await writeCountries(context, staged, {
    ...{ writer, current, compare: staged.compare, canTakeFiles, keyValues },
    ...{ info: { identity: plan, terms }, today: dayNumber(claim.created_at) },
  });
  const lists = buildListTables(plan.api_version, plan);
  const snapshots = joinSnapshots(schemas.snapshots, countries.snapshots);
  const tables = await buildWholeTables(countries.levels, {
    schemas,
    keyValues,
    rows: { snapshots, ...lists },
  });
  for (const { parquet, csv } of tables) {
    await writer.add(parquet);
    await writer.add(csv);
  }
  const world = { snapshots, operations: lists.operations };
  await writer.add(await worldWorkbook(world, { identity: plan, terms }));
  written.push(...(await writer.finish()).sort(compareDataFiles));

  // Changes, texts, then metadata, which describe the files before them, then the checksums of all.
  const changed = summariseChanged(countries, { release, current });
  if (changed) await write(...changesFiles(plan.api_version, changed, keyValues));
  const quality = assessQuality({
    ...{ guarded, ...world, fields: collectFieldCounts(reports), claimedAt: claim.created_at },
    rowChecks: LEVEL_TABLES.flatMap((table) => rowChecks(schemas[table], faultsOf(countries, table))),
  });
  await write(...textFiles(plan, terms, { release, quality }));
  const { unchangedUnits } = countries;
  const parts = { claimed, tables, quality, changes: changed?.summary ?? null, unchangedUnits, current };
  const manifestSoFar = composeManifest(context, staged, { ...parts, files: entries() });
  await write(...metadataFiles({ ...manifestSoFar, publicUrl, prefix: null }));
  await write(checksumsFile(entries()));
  const charts = countries.summaries.flatMap((summary) => summary.charts ?? []);
  return { written, parts, charts: collectCharts(charts, lists.countries) };
}

/** All tables in their order: those of the levels, which are finished, and the others, which are built from their rows. */
async function buildWholeTables(
  levels: WrittenCountries['levels'],
  {
    schemas,
    keyValues,
    rows,
  }: {
    schemas: ReturnType<typeof tablesOf>;
    keyValues: ReadonlyMap<string, string>;
    rows: Readonly<Record<OtherTable, Columns>>;
  },
): Promise<(FinishedTable & { readonly name: TableName })[]> {
  const tables = [];
  for (const name of TABLES) {
    const finished =
      levels.get(name as LevelTable) ??
      (await buildWholeTable(schemas[name], rows[name as OtherTable], keyValues));
    tables.push({ name, ...finished });
  }
  return tables;
}

type OtherTable = Exclude<TableName, LevelTable>;

/** The changes of the compared countries and their summary; null if there is nothing to compare with. */
function summariseChanged(
  { changes }: WrittenCountries,
  { release, current }: { release: string; current: Manifest | null },
): { countries: readonly CountryChanges[]; summary: ChangesSummary } | null {
  if (!changes || !current) return null;
  return { countries: changes, summary: summariseChanges(changes, { release, supersedes: current.release }) };
}

const faultsOf = ({ summaries }: WrittenCountries, table: LevelTable): RowFaults[] =>
  summaries.flatMap(({ tables }) => tables[table]?.faults ?? []);

/** The number of data files and workbooks: Parquet and CSV of each table and unit, a workbook a country and one of all. */
const countDataFiles = ({ units }: StagedRun): number =>
  2 * (TABLES.length + units.filter(({ rows }) => rows > 0).length) + countriesWithRows(units).length + 1;

/** The table of snapshots is sorted by level first, so that it is joined from all countries. It is small. */
const joinSnapshots = ({ columns, sortBy }: TableSchema, parts: readonly Columns[]): Columns =>
  sortColumns(concat(columns, parts), sortBy);
