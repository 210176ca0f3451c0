// Loads the rows of the release to come: staged rows of this run, and rows of the current release for carried and kept
// units.
import { readBaseline } from '../../catalogue/baseline.ts';
import { readCountryRows } from '../../catalogue/published-rows.ts';
import type { Level } from '../../dtm/endpoints.ts';
import { buildDataset, type Dataset } from '../../make/dataset.ts';
import type { Baseline } from '../../make/quality/guards.ts';
import type { Manifest } from '../../release/manifest.ts';
import type { Columns } from '../../table/columns.ts';
import { tablesOf } from '../../table/schema.ts';
import type { RunContext } from '../context.ts';
import type { Plan } from '../plan.ts';
import type { ComposedUnit } from '../units/compose-units.ts';
import { readStaged, tableOf, type Unit, type UnitReport, unitName } from '../units/unit.ts';

/** A run combined with the current release: all rows of the next release. */
export interface StagedRun {
  readonly plan: Plan;
  readonly reports: readonly UnitReport[];
  readonly units: readonly ComposedUnit[];
  readonly dataset: Dataset;
  /** The earlier row counts that the guards compare with. */
  readonly baseline: Baseline;
}

/**
 * Combines the run with the current release.
 * @throws {StagedFileError} if staged rows are missing or damaged; {DamagedFileError} if published ones are
 */
export async function stageRun(
  context: RunContext,
  { plan, reports, units }: Omit<StagedRun, 'dataset' | 'baseline'>,
  current: Manifest | null,
): Promise<StagedRun> {
  const load = createRowsLoader(context, { plan, reports }, current);
  const loadLevel = async (wantedLevel: Level): Promise<Columns[]> => {
    const parts = [];
    for (const unit of units)
      if (unit.level === wantedLevel && unit.source !== 'none') parts.push(await load(unit));
    return parts;
  };
  const staged = { 0: await loadLevel(0), 1: await loadLevel(1), 2: await loadLevel(2) };
  const { countries, operations } = plan;
  const dataset = buildDataset({ apiVersion: plan.api_version, staged, countries, operations });
  return { plan, reports, units, dataset, baseline: await readBaseline(context.store, current) };
}

function createRowsLoader(
  { store }: RunContext,
  { plan, reports }: Pick<StagedRun, 'plan' | 'reports'>,
  current: Manifest | null,
): (unit: ComposedUnit) => Promise<Columns> {
  const schemas = tablesOf(plan.api_version);
  const answers = new Map(reports.map((report) => [unitName(report), report]));
  return async (composed) => {
    const unit = composed as Unit;
    const schema = schemas[tableOf(unit)];
    if (composed.source === 'release')
      return readCountryRows(store, current as Manifest, { schema, country: unit.country });
    const report = answers.get(unitName(unit)) as UnitReport;
    return readStaged(store, { run: plan.run, report }, schema);
  };
}
