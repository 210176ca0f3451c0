// Third stage: staged columns become a published release. Until the pointer moves nothing is published; after it
// moved everything is, since the manifest was written last. A run that is killed anywhere and started again finds its
// claim, writes the same bytes, and goes on.

import type { Level } from '../dtm/endpoints.ts';
import { SpoiltReleaseError } from '../release/claim.ts';
import { buildDataset, type Dataset, rowsByLevel } from '../release/dataset.ts';
import { type Check, type Coverage, listRelease, recordCheck } from '../release/ledger.ts';
import { type Current, readCurrent } from '../release/pointer.ts';
import type { RowsByLevel } from '../release/terms.ts';
import { tablesOf } from '../table/schema.ts';
import type { RunContext } from './context.ts';
import { countCoverage, coverageUnits } from './coverage.ts';
import { isUnchanged, makeRelease } from './make.ts';
import { askedUnits, type Plan } from './plan.ts';
import { refuseDrop, refuseFailures, refusePart, refuseStale } from './refusals.ts';
import { readReport, readStaged, StagedFileError, tableOf, type UnitReport, unitName } from './unit.ts';

export interface PublishOptions {
  /** Publish although rows or countries were lost. */
  readonly acceptDrop: boolean;
  /** Publish although nothing changed. */
  readonly reissue: boolean;
}

/** How a run ended; what does not apply is null. */
export interface Outcome {
  readonly outcome: 'published' | 'unchanged' | 'refused' | 'failed';
  readonly release: string | null;
  /** Relative to the prefix. */
  readonly manifest: string | null;
  readonly rows: RowsByLevel | null;
  readonly units: Coverage;
  readonly reason: string | null;
}

/** What publishing starts from: all of it staged. */
export interface StagedRun {
  readonly plan: Plan;
  readonly reports: readonly UnitReport[];
  readonly dataset: Dataset;
}

/** How often a release is made again because another run moved the pointer meanwhile. */
const TRIES = 3;

/**
 * Publishes a run whose units have all been asked for.
 * @throws {StagedFileError} if what was staged is damaged; {AuditError} if what was written is; {StoreError}
 */
export async function publish(context: RunContext, plan: Plan, options: PublishOptions): Promise<Outcome> {
  const reports = await readReports(context, plan);
  const failures = refuseFailures(plan.run, reports);
  const outcome = failures
    ? refused(plan, reports, failures)
    : await publishStaged(
        context,
        { plan, reports, dataset: await loadDataset(context, plan, reports) },
        options,
      );
  await recordCheck(context.store, checkOf(context, outcome));
  return outcome;
}

/** What `status.json` will say of an outcome. */
export const checkOf = ({ now, run }: RunContext, outcome: Outcome): Check => ({
  ...outcome,
  at: now(),
  run,
  coverage: outcome.units,
});

async function readReports({ store }: RunContext, plan: Plan): Promise<UnitReport[]> {
  const reports: UnitReport[] = [];
  for (const unit of askedUnits(plan)) {
    const report = await readReport(store, plan.run, unit);
    if (!report) throw new StagedFileError(unitName(unit), plan.run, 'not asked yet');
    reports.push(report);
  }
  return reports;
}

async function loadDataset(
  { store }: RunContext,
  plan: Plan,
  reports: readonly UnitReport[],
): Promise<Dataset> {
  const schemas = tablesOf(plan.api_version);
  const load = async (level: Level) => {
    const answered = reports.filter((report) => report.level === level && report.status === 'ok');
    const parts = [];
    for (const report of answered)
      parts.push(await readStaged(store, { run: plan.run, report }, schemas[tableOf(report)]));
    return parts;
  };
  const staged = { 0: await load(0), 1: await load(1), 2: await load(2) };
  return buildDataset({ ...plan, apiVersion: plan.api_version, staged });
}

async function publishStaged(
  context: RunContext,
  staged: StagedRun,
  options: PublishOptions,
): Promise<Outcome> {
  const { plan, reports, dataset } = staged;
  const spoilt = new Set<string>();
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const current = await finishCurrent(context);
    if (current.manifest?.run === plan.run) return published(staged, current);
    const reason =
      refusePart(plan, current.manifest) ??
      refuseStale(reports, current.manifest) ??
      refuseDrop(dataset, current.manifest, { run: plan.run, acceptDrop: options.acceptDrop });
    if (reason) return refused(plan, reports, reason);
    if (!options.reissue && isUnchanged(context, staged, current.manifest)) return unchanged(staged, current);
    try {
      if (await makeRelease(context, staged, { current, spoilt })) {
        return published(staged, await finishCurrent(context));
      }
    } catch (error) {
      if (!(error instanceof SpoiltReleaseError)) throw error;
      spoilt.add(error.release);
    }
  }
  return refused(
    plan,
    reports,
    `other runs moved the pointer ${TRIES} times meanwhile: run again with --run ${plan.run}`,
  );
}

/** Reads the current release, and does what a run that was killed after moving the pointer left undone. */
async function finishCurrent({ store }: RunContext): Promise<Current> {
  const current = await readCurrent(store);
  if (current.manifest && current.pointer) await listRelease(store, current.manifest, current.pointer);
  return current;
}

const coverageOf = (plan: Plan, reports: readonly UnitReport[]): Coverage =>
  countCoverage(coverageUnits(plan, reports, ''));

function ended(
  { plan, reports, dataset }: StagedRun,
  { pointer }: Current,
): Omit<Outcome, 'outcome' | 'reason'> {
  return {
    release: pointer?.release ?? null,
    manifest: pointer?.manifest ?? null,
    rows: rowsByLevel(dataset),
    units: coverageOf(plan, reports),
  };
}

const published = (staged: StagedRun, current: Current): Outcome => ({
  outcome: 'published',
  ...ended(staged, current),
  reason: null,
});

const unchanged = (staged: StagedRun, current: Current): Outcome => ({
  outcome: 'unchanged',
  ...ended(staged, current),
  reason: null,
});

/** Nothing is published, and what was staged stays. */
export const refused = (plan: Plan, reports: readonly UnitReport[], reason: string): Outcome => ({
  outcome: 'refused',
  release: null,
  manifest: null,
  rows: null,
  units: coverageOf(plan, reports),
  reason,
});
