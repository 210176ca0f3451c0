// What publishing starts from: a run whose units have all been asked for, as it was staged.
import type { Level } from '../dtm/endpoints.ts';
import { buildDataset, type Dataset } from '../release/dataset.ts';
import type { Columns } from '../table/columns.ts';
import { tablesOf } from '../table/schema.ts';
import type { RunContext } from './context.ts';
import { askedUnits, type Plan } from './plan.ts';
import { readReport, readStaged, StagedFileError, tableOf, type UnitReport, unitName } from './unit.ts';

export interface StagedRun {
  readonly plan: Plan;
  readonly reports: readonly UnitReport[];
  readonly dataset: Dataset;
}

/** The reports of all units that were asked for. @throws {StagedFileError} if one is missing or damaged */
export async function readReports({ store }: RunContext, plan: Plan): Promise<UnitReport[]> {
  const reports: UnitReport[] = [];
  for (const unit of askedUnits(plan)) {
    const report = await readReport(store, plan.run, unit);
    if (!report) throw new StagedFileError(unitName(unit), plan.run, 'not asked yet');
    reports.push(report);
  }
  return reports;
}

/** The tables that the staged units make. @throws {StagedFileError} if staged rows are missing or damaged */
export async function loadDataset(
  { store }: RunContext,
  plan: Plan,
  reports: readonly UnitReport[],
): Promise<Dataset> {
  const schemas = tablesOf(plan.api_version);
  const load = async (level: Level): Promise<Columns[]> => {
    const answered = reports.filter((report) => report.level === level && report.status === 'ok');
    const parts = [];
    for (const report of answered)
      parts.push(await readStaged(store, { run: plan.run, report }, schemas[tableOf(report)]));
    return parts;
  };
  const staged = { 0: await load(0), 1: await load(1), 2: await load(2) };
  const { countries, operations } = plan;
  return buildDataset({ apiVersion: plan.api_version, staged, countries, operations });
}
