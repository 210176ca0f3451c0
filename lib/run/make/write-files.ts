// Writes the files of one release in a fixed order: a file may name the files before it.

import type { ClaimedRelease } from '../../catalogue/claim.ts';
import { collectCharts, type ReleaseChartData } from '../../catalogue/page/charts/read-chart-data.ts';
import type { BuiltFile } from '../../make/built-file.ts';
import { changesFiles } from '../../make/changes/change-files.ts';
import { summariseChanges } from '../../make/changes/summary.ts';
import { compareDataFiles } from '../../make/file-order.ts';
import { buildListTables } from '../../make/list-tables.ts';
import { metadataFiles } from '../../make/metadata/metadata-files.ts';
import { assessQuality } from '../../make/quality/assess.ts';
import { rowChecks } from '../../make/quality/row-checks.ts';
import { checksumsFile, textFiles } from '../../make/texts.ts';
import { buildWholeTable, type FinishedTable } from '../../make/whole-table.ts';
import { worldWorkbook } from '../../make/workbooks.ts';
import type { Manifest } from '../../release/manifest.ts';
import { footerKeyValues } from '../../release/terms.ts';
import { type Columns, concat } from '../../table/columns.ts';
import { dayNumber } from '../../table/ingest.ts';
import { LEVEL_TABLES, TABLES, type TableSchema, tablesOf } from '../../table/schema.ts';
import { sortColumns } from '../../table/sort.ts';
import type { RunContext } from '../context.ts';
import { collectFieldCounts } from '../units/coverage.ts';
import { composeManifest, type ManifestParts } from './compose-manifest.ts';
import { countriesWithRows } from './load-country.ts';
import { createReleaseWriter, type WrittenFile } from './release-writer.ts';
import type { StagedRun } from './stage-run.ts';
import { writeCountries } from './write-countries.ts';

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
  const write = async (...files: readonly BuiltFile[]): Promise<void> => {
    for (const file of files) await writer.add(file);
    written.push(...(await writer.finish()));
  };

  // Data files and workbooks: country by country, then what needs all of them.
  const countries = await writeCountries(context, staged, {
    ...{ writer, current, compare: staged.compare, canTakeFiles, keyValues },
    ...{ info: { identity: plan, terms }, today: dayNumber(claim.created_at) },
  });
  const snapshots = joinSnapshots(schemas.snapshots, countries.snapshots);
  const lists = buildListTables(plan.api_version, plan);
  const finished = new Map<string, FinishedTable>(countries.levels);
  for (const [table, rows] of Object.entries({ snapshots, ...lists }))
    finished.set(table, await buildWholeTable(schemas[table as keyof typeof lists], rows, keyValues));
  const tables = TABLES.map((table) => ({ name: table, ...(finished.get(table) as FinishedTable) }));
  for (const { parquet, csv } of tables) {
    await writer.add(parquet);
    await writer.add(csv);
  }
  await writer.add(
    await worldWorkbook({ snapshots, operations: lists.operations }, { identity: plan, terms }),
  );
  written.push(...(await writer.finish()).sort(compareDataFiles));

  // Changes, texts, then metadata, which describe the files before them, then the checksums of all.
  const files = () => written.map(({ entry }) => entry);
  const changes =
    countries.changes && current
      ? summariseChanges(countries.changes, { release, supersedes: current.release })
      : null;
  if (changes && countries.changes)
    await write(
      ...changesFiles(plan.api_version, { summary: changes, countries: countries.changes }, keyValues),
    );
  const quality = assessQuality({
    ...{ guarded, snapshots, operations: lists.operations },
    rowChecks: LEVEL_TABLES.flatMap((table) =>
      rowChecks(
        schemas[table],
        countries.summaries.flatMap(({ tables }) => tables[table]?.faults ?? []),
      ),
    ),
    fields: collectFieldCounts(reports),
    claimedAt: claim.created_at,
  });
  await write(...textFiles(plan, terms, { release, quality }));
  const { unchangedUnits } = countries;
  const parts = { claimed, tables, quality, changes, unchangedUnits, current };
  const manifestSoFar = composeManifest(context, staged, { ...parts, files: files() });
  await write(...metadataFiles({ ...manifestSoFar, publicUrl, prefix: null }));
  await write(checksumsFile(files()));
  const charts = countries.summaries.flatMap((summary) => summary.charts ?? []);
  return { written, parts, charts: collectCharts(charts, lists.countries) };
}

/** The number of data files and workbooks: Parquet and CSV of each table and unit, a workbook a country and one of all. */
const countDataFiles = ({ units }: StagedRun): number =>
  2 * (TABLES.length + units.filter(({ rows }) => rows > 0).length) + countriesWithRows(units).length + 1;

/** The table of snapshots is sorted by level first, so that it is joined from all countries. It is small. */
const joinSnapshots = ({ columns, sortBy }: TableSchema, parts: readonly Columns[]): Columns =>
  sortColumns(concat(columns, parts), sortBy);
