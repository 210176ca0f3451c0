// Third stage: builds a release from staged columns and publishes it. The move of the pointer publishes all files at
// once, because the manifest is written before it. A run that was killed and is started again finds its claim, writes
// the same bytes and continues.
import { announceFailure, announceRelease } from '../catalogue/announce.ts';
import { writeFeed } from '../catalogue/feed.ts';
import type { ReleaseChartData } from '../catalogue/page/charts/read-chart-data.ts';
import { writePage } from '../catalogue/page/write.ts';
import { type CurrentState, readCurrent } from '../catalogue/pointer.ts';
import { checkPrefixState } from '../catalogue/prefix.ts';
import { listCurrent } from '../catalogue/repair/rebuild-list.ts';
import { missingFiles } from '../catalogue/repair/survey.ts';
import { recordCheck } from '../catalogue/status.ts';
import { DamagedFileError, isSameMajor, type Manifest, type Pointer } from '../release/manifest.ts';
import { emptyReleaseRefusal, failureRefusal, guardRefusal, lostRaceRefusal } from './checks/refusals.ts';
import { hasSameContent } from './checks/same-content.ts';
import type { RunContext } from './context.ts';
import { createCountryComparer } from './make/compare-country.ts';
import type { ComposedRun } from './make/load-country.ts';
import { hasSameMetadata, makeRelease, type PublishedRelease } from './make/make-release.ts';
import { stageRun } from './make/stage-run.ts';
import { runSteps, type Step, type UnfinishedSteps } from './outcome/finish-steps.ts';
import {
  type Outcome,
  publishedResult,
  type RunResult,
  refusedResult,
  toCheckResult,
  unchangedResult,
  withWarnings,
} from './outcome/outcome.ts';
import { collectWarnings } from './outcome/warnings.ts';
import { composeUnits } from './units/compose-units.ts';
import { findNewerAnswers } from './units/newer-answers.ts';
import { findUnchangedCountries } from './units/unchanged-countries.ts';

export interface PublishOptions {
  /** Percent of the requested units that may be without an answer. */
  readonly maxFailed: number;
  /** Publish even if rows were lost, doubled or repeated. */
  readonly acceptDrop: boolean;
  /** Publish even if nothing changed. */
  readonly reissue: boolean;
  /** Days without an answer after which the run warns of a unit. */
  readonly maxAge: number;
}

/** A run's plan and the reports of its units. */
type FetchedRun = Pick<ComposedRun, 'plan' | 'reports'>;

/** Attempts to publish. Another run may move the pointer during each. */
const MAX_ATTEMPTS = 3;

/**
 * Publishes a run from the reports of its units. The move of the pointer decides the outcome. A step that fails later
 * is named in the outcome and does not change it.
 * @throws {StagedFileError} if a staged file is damaged; {DamagedFileError} if the current release or a list is;
 * {AuditError} if a written file is; {UnknownOutcomeError}; {StoreError}
 */
export async function publish(
  context: RunContext,
  fetched: FetchedRun,
  options: PublishOptions,
): Promise<Outcome> {
  const result = await publishReports(withReadingOf(context, fetched.plan), fetched, options);
  const { outcome, publicReason: reason } = result;
  const unfinished = await runSteps([
    ...(reason ? [announceFailureStep(context, { run: fetched.plan.run, reason })] : []),
    ['status', () => recordCheck(context.store, toCheckResult(context, result, fetched.reports))],
  ]);
  const warnings = await collectWarnings(context, result.units, options.maxAge);
  return {
    ...outcome,
    unfinished: [...outcome.unfinished, ...unfinished],
    warnings: [...outcome.warnings, ...warnings],
  };
}

/** The context for a run. The reading is null if a program that reads in another way has planned the run. */
const withReadingOf = (context: RunContext, { reading }: FetchedRun['plan']): RunContext =>
  reading === context.generator.reading
    ? context
    : { ...context, generator: { ...context.generator, reading: null } };

const announceFailureStep = (context: RunContext, failure: { run: string; reason: string }): Step => [
  'announcement',
  () => announceFailure(context, failure),
];

async function publishReports(
  context: RunContext,
  fetched: FetchedRun,
  options: PublishOptions,
): Promise<RunResult> {
  const conflictingIds = new Set<string>();
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const current = await readCurrent(context.store);
    if (current.etag === null) await checkPrefixState(context.store);
    try {
      const result = await publishOnCurrent(context, fetched, { ...options, current, conflictingIds });
      if (result) return result;
    } catch (error) {
      // The release that was current may have been removed during this attempt. If the pointer moved, try again.
      const isDamaged = error instanceof DamagedFileError;
      if (!isDamaged || (await readCurrent(context.store)).etag === current.etag) throw error;
    }
  }
  const { manifest } = await readCurrent(context.store);
  return refusedResult(
    composeUnits({ ...fetched, current: manifest, unitsWithNewerAnswer: new Set() }),
    lostRaceRefusal(fetched.plan, MAX_ATTEMPTS),
  );
}

/** Publishes on top of the current release. Null if another run moved the pointer, or if the claimed id has a conflict. */
async function publishOnCurrent(
  context: RunContext,
  fetched: FetchedRun,
  {
    current,
    conflictingIds,
    ...options
  }: PublishOptions & { current: CurrentState; conflictingIds: Set<string> },
): Promise<RunResult | null> {
  const { plan, reports } = fetched;
  const { manifest, pointer } = current;

  // Finish the steps that an earlier run left.
  const unfinished = manifest && pointer ? await finishRelease(context, { manifest, pointer }) : [];

  // This run may already be published.
  const isOwnRelease = manifest?.run === plan.run;
  const mayBeUnchanged =
    isOwnRelease || (!options.reissue && manifest !== null && hasSameMetadata(context, plan, manifest));
  const missing = manifest && mayBeUnchanged ? await missingFiles(context.store, manifest) : [];
  const hasAllFiles = missing.length === 0;
  if (manifest && isOwnRelease && hasAllFiles)
    return publishedResult(manifest, pointer as Pointer, unfinished);

  // Decide which rows each unit has. Refuse the run if too many units failed.
  const unitsWithNewerAnswer = await findNewerAnswers(context, reports, manifest);
  const units = composeUnits({ plan, reports, current: manifest, unitsWithNewerAnswer });
  const failures = failureRefusal(plan, reports, options.maxFailed);
  if (failures) return refusedResult(units, failures, unfinished);

  // Keep the current release if nothing changed: compare answers, and rows where the answers differ.
  const canKeepCurrent = manifest !== null && mayBeUnchanged && hasAllFiles;
  const run = { ...fetched, units };
  const unchanged = await findUnchangedCountries(context, run, manifest);
  const compare = manifest && isSameMajor(manifest) ? createCountryComparer(context, manifest) : null;
  const canCompare = canKeepCurrent && compare !== null;
  if (canCompare && (await hasSameContent(context, run, { current: manifest, unchanged, compare })))
    return unchangedResult(units, pointer as Pointer, unfinished);

  // Refuse an empty first release, and rows that look like an API fault.
  const staged = await stageRun(context, run, { current: manifest, unchanged, compare });
  const emptyRefusal = emptyReleaseRefusal(staged, manifest);
  const refusal = emptyRefusal ?? (options.acceptDrop ? null : guardRefusal(staged.guarded, plan));
  if (refusal) return refusedResult(units, refusal, unfinished);

  // Write the release, move the pointer, and do the steps after it.
  const published = await makeRelease(context, staged, { current, conflictingIds });
  if (!published) return null;
  const stepsLeft = await finishRelease(context, published, published.charts);
  return withWarnings(
    publishedResult(published.manifest, published.pointer, stepsLeft),
    damageWarnings(manifest, missing),
  );
}

/** Warns readers of the earlier release if files of it were missing. */
const damageWarnings = (before: Manifest | null, missing: readonly string[]): string[] =>
  before && missing.length > 0
    ? [
        `${missing.length} of ${before.files.length} files of release ${before.release} were missing or cut (${missing[0]}), so the same figures were published again; restore that release, or withdraw it`,
      ]
    : [];

/**
 * Runs the steps after the move of the pointer. It also finishes the steps of a run that was killed. `charts` are those
 * of a release that this run has published; else they are read.
 */
function finishRelease(
  context: RunContext,
  { manifest, pointer }: PublishedRelease,
  charts?: ReleaseChartData,
): Promise<UnfinishedSteps> {
  const { store, publicUrl } = context;
  const builtRelease = charts && { release: manifest.release, charts };
  return runSteps([
    ['list', () => listCurrent(store, { manifest, pointer }, context.now())],
    ['feed', () => writeFeed(store, { identity: manifest, publicUrl })],
    ['page', () => writePage(store, { identity: manifest, publicUrl, builtRelease })],
    ['announcement', () => announceRelease(context, manifest)],
  ]);
}
