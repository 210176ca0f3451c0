// The stages of an export, in the order of lib/run and over the functions of lib/ unchanged, but never two at once.
import '../../lib/cli/program.ts';
import { readEnvironment } from '../../lib/config.ts';
import { DTMApi } from '../../lib/dtm/client.ts';
import { auditRelease, type WrittenFile } from '../../lib/release/audit.ts';
import { putOnce } from '../../lib/release/claim.ts';
import { buildDataset, contentSha256, type Dataset } from '../../lib/release/dataset.ts';
import { dataFiles } from '../../lib/release/files.ts';
import { footerKeyValues } from '../../lib/release/terms.ts';
import { workbookFiles } from '../../lib/release/workbook.ts';
import type { AskingContext } from '../../lib/run/context.ts';
import { fetchUnit } from '../../lib/run/fetch.ts';
import { askedUnits, type Plan, planRun } from '../../lib/run/plan.ts';
import { readStaged, tableOf, type UnitReport } from '../../lib/run/unit.ts';
import { folderStore } from '../../lib/store/folder.ts';
import type { Columns } from '../../lib/table/columns.ts';
import { ingest } from '../../lib/table/ingest.ts';
import { TABLES, tablesOf } from '../../lib/table/schema.ts';
import { timedStore } from './asides.ts';
import { createAsker } from './ask.ts';
import type { Stopwatch } from './stopwatch.ts';

const RELEASE = '2026-11-24.1';
const SCHEMAS = tablesOf('v3');

/** Runs all stages into the folder `to`, with the API and the key that the environment names. */
export async function runStages(to: string, stopwatch: Stopwatch): Promise<void> {
  const { subscriptionKey, baseUrl, terms } = readEnvironment();
  const [key, url] = [subscriptionKey ?? '', baseUrl ?? ''];
  using api = new DTMApi({ subscriptionKey: key, baseUrl: url });
  const context: AskingContext = {
    run: '2026-11-24T05-00-00Z',
    store: timedStore(folderStore(to), stopwatch),
    api,
    terms,
    publicUrl: null,
    announcer: null,
    generator: { name: 'bench', version: '0' },
    now: () => new Date(),
    onProgress: () => {},
  };
  const selection = { apiVersion: 'v3', levels: [0, 1, 2], countries: null } as const;
  const plan = await planRun(context, selection, { sourceUrl: url });
  stopwatch.lap('plan: two lists');
  const reports = await fetchUnits(context, { plan, asker: createAsker(key, url, stopwatch) }, stopwatch);
  const dataset = await build(context, { plan, reports }, stopwatch);
  const written = await writeFiles(context, { plan, dataset }, stopwatch);
  await audit(context, { dataset, written }, stopwatch);
}

async function fetchUnits(
  context: AskingContext,
  { plan, asker }: { plan: Plan; asker: ReturnType<typeof createAsker> },
  stopwatch: Stopwatch,
): Promise<UnitReport[]> {
  const reports: UnitReport[] = [];
  for (const unit of askedUnits(plan)) {
    const answer = await asker(unit);
    const api = { ask: async () => answer } as unknown as AskingContext['api'];
    reports.push(await fetchUnit({ ...context, api }, plan, { unit, again: false }));
    stopwatch.again('columns', () =>
      ingest(SCHEMAS[tableOf(unit)], { length: answer.rows.length, fields: answer.columns }),
    );
    stopwatch.lap('columns, staged as Arrow');
  }
  return reports;
}

async function build(
  { store, run }: AskingContext,
  { plan, reports }: { plan: Plan; reports: readonly UnitReport[] },
  stopwatch: Stopwatch,
): Promise<Dataset> {
  const staged: Record<0 | 1 | 2, Columns[]> = { 0: [], 1: [], 2: [] };
  for (const report of reports.filter(({ status }) => status === 'ok'))
    staged[report.level].push(await readStaged(store, { run, report }, SCHEMAS[tableOf(report)]));
  stopwatch.lap('load staged Arrow');
  const dataset = buildDataset({ ...plan, apiVersion: 'v3', staged });
  for (const table of TABLES)
    stopwatch.again('text for content hashes', () => contentSha256(dataset.tables[table]));
  stopwatch.lap('build: sort, complete, sum up');
  return dataset;
}

async function writeFiles(
  { store, terms }: AskingContext,
  { plan, dataset }: { plan: Plan; dataset: Dataset },
  { lap }: Stopwatch,
): Promise<WrittenFile[]> {
  const written: WrittenFile[] = [];
  for await (const { entry, body, facts } of dataFiles(dataset, footerKeyValues(plan, terms.licence))) {
    await putOnce(store, RELEASE, { path: entry.path, body });
    lap(entry.format === 'parquet' ? 'Parquet and its facts' : 'CSV text');
    written.push({ entry, facts });
  }
  for await (const { entry, body, facts } of workbookFiles(dataset, { identity: plan, terms })) {
    await putOnce(store, RELEASE, { path: entry.path, body });
    lap('Excel workbooks');
    written.push({ entry, facts });
  }
  return written;
}

const AUDITS: Readonly<Record<string, string>> = {
  parquet: 'audit: Parquet footers',
  csv: 'audit: CSV rows counted',
  xlsx: 'audit: workbook rows counted',
};

async function audit(
  { store }: AskingContext,
  { dataset, written }: { dataset: Dataset; written: readonly WrittenFile[] },
  { lap }: Stopwatch,
): Promise<void> {
  const tables = TABLES.map((name) => {
    const { schema, columns } = dataset.tables[name];
    return { name, rows: columns.length, columns: [...schema.columns] };
  });
  for (const file of written) {
    await auditRelease(store, { release: RELEASE, tables }, [file]);
    lap(AUDITS[file.entry.format] ?? file.entry.format);
  }
}
