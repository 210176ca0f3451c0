// Third stage: staged columns become a published release. Until the pointer moves nothing is published; after it

// moved everything is, since the manifest was written last. A run that is killed anywhere and started again finds its
// claim, writes the same bytes, and goes on.
import { announceFailure, announceRelease } from '../catalogue/announce.ts';
import { writeFeed } from '../catalogue/feed.ts';
import { type PageOptions, writePage } from '../catalogue/page/write.ts';
import { type CurrentState, readCurrent } from '../catalogue/pointer.ts';
import { refuseDamagedPrefix } from '../catalogue/prefix.ts';
import { listCurrent } from '../catalogue/repair/rebuild-list.ts';
import { missingFiles } from '../catalogue/repair/survey.ts';
import { recordCheck } from '../catalogue/status.ts';
import { DamagedFileError, type Manifest, type Pointer } from '../release/manifest.ts';
import { emptyReleaseRefusal, failureRefusal, guardRefusal, resumeHint } from './checks/refusals.ts';
import type { RunContext } from './context.ts';
import { hasSameMetadata, hasSameRows, makeRelease, type PublishedRelease } from './make/make-release.ts';
import { type StagedRun, stageRun } from './make/stage-run.ts';
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
import { areAnswersUnchanged } from './units/unchanged-answers.ts';

export interface PublishOptions {
  /** Percent of the units asked for that may be without an answer. */
  readonly maxFailed: number;
  /** Publish although rows were lost, doubled or all there twice. */
  readonly acceptDrop: boolean;
  /** Publish although nothing changed. */
  readonly reissue: boolean;
  /** Days without an answer from which on a unit is warned of. */
  readonly maxAge: number;
}

/** What a run asked for, and what came of it. */
type FetchedRun = Pick<StagedRun, 'plan' | 'reports'>;

/** How often a release is made again because another run moved the pointer meanwhile. */
const MAX_ATTEMPTS = 3;

/**
 * Publishes a run from the reports of the units that it asked for. The outcome is what moving the pointer decided: what
 * fails afterwards is named in it, and changes nothing else.
 * @throws {StagedFileError} if what was staged is damaged; {DamagedFileError} if what it stands on is; {AuditError} if
 * what was written is; {UnknownOutcomeError}; {StoreError}
 */
export async function publish(
  context: RunContext,
  fetched: FetchedRun,
  options: PublishOptions,
): Promise<Outcome> {
  const result = await publishReports(context, fetched, options);
  const { outcome } = result;
  const { reason } = outcome;
  const unfinished = await runSteps([
    ...(reason ? [announceFailureStep(context, { run: fetched.plan.run, reason })] : []),
    ['status', () => recordCheck(context.store, toCheckResult(context, result))],
  ]);
  const warnings = await collectWarnings(context, result.units, options.maxAge);
  return {
    ...outcome,
    unfinished: [...outcome.unfinished, ...unfinished],
    warnings: [...outcome.warnings, ...warnings],
  };
}

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
    if (current.etag === null) await refuseDamagedPrefix(context.store);
    try {
      const result = await publishOnCurrent(context, fetched, {
        ...options,
        current,
        spoilt: conflictingIds,
      });
      if (result) return result;
    } catch (error) {
      // What was current has gone, so its files went with it: begin again on what is current now.
      const isMissing = error instanceof DamagedFileError;
      if (!isMissing || (await readCurrent(context.store)).etag === current.etag) throw error;
    }
  }
  const reason = `other runs moved the pointer ${MAX_ATTEMPTS} times meanwhile: run again with ${resumeHint(fetched.plan)}`;
  const { manifest } = await readCurrent(context.store);
  return refusedResult(
    composeUnits({ ...fetched, current: manifest, unitsWithNewerAnswer: new Set() }),
    reason,
  );
}

/** Publishes on top of a release; null if another run moved the pointer meanwhile. */
async function publishOnCurrent(
  context: RunContext,
  fetched: FetchedRun,
  {
    current,
    spoilt: conflictingIds,
    ...options
  }: PublishOptions & { current: CurrentState; spoilt: Set<string> },
): Promise<RunResult | null> {
  const { plan, reports } = fetched;
  const { manifest, pointer } = current;
  const unfinished = manifest && pointer ? await finishRelease(context, { manifest, pointer }) : [];
  const isOwnRelease = manifest?.run === plan.run;
  const mayBeUnchanged =
    isOwnRelease || (!options.reissue && manifest !== null && hasSameMetadata(context, plan, manifest));
  const missing = manifest && mayBeUnchanged ? await missingFiles(context.store, manifest) : [];
  const isWhole = missing.length === 0;
  if (manifest && isOwnRelease && isWhole) return publishedResult(manifest, pointer as Pointer, unfinished);
  const overtaken = await findNewerAnswers(context, reports, manifest);
  const units = composeUnits({ plan, reports, current: manifest, unitsWithNewerAnswer: overtaken });
  const failures = failureRefusal(plan, reports, options.maxFailed);
  if (failures) return refusedResult(units, failures, unfinished);
  const isSame = manifest !== null && mayBeUnchanged && isWhole;
  if (isSame && (await areAnswersUnchanged(context.store, fetched, { units, current: manifest })))
    return unchangedResult(units, pointer as Pointer, unfinished);
  const staged = await stageRun(context, { ...fetched, units }, manifest);
  if (isSame && hasSameRows(staged.dataset, manifest))
    return unchangedResult(units, pointer as Pointer, unfinished);
  const emptyRefusal = emptyReleaseRefusal(staged, manifest);
  const refusal = emptyRefusal ?? (options.acceptDrop ? null : guardRefusal(staged, plan));
  if (refusal) return refusedResult(units, refusal, unfinished);
  const made = await makeRelease(context, staged, { current, spoilt: conflictingIds });
  if (!made) return null;
  const stepsLeft = await finishRelease(context, made, builtTables(made, staged));
  return withWarnings(
    publishedResult(made.manifest, made.pointer, stepsLeft),
    damageWarnings(manifest, missing),
  );
}

/** Files of the release before were gone: whoever reads that one must know. */
const damageWarnings = (before: Manifest | null, missing: readonly string[]): string[] =>
  before && missing.length > 0
    ? [
        `${missing.length} of ${before.files.length} files of release ${before.release} were missing or cut (${missing[0]}), so the same figures were published again; restore that release, or withdraw it`,
      ]
    : [];

/** The tables of a release that was just made. */
const builtTables = (
  { manifest: { release } }: PublishedRelease,
  { dataset }: StagedRun,
): NonNullable<PageOptions['builtRelease']> => ({
  release,
  tables: async (table) => dataset.tables[table].columns,
});

/**
 * Does what remains once the pointer names a release, also what a run that was killed left undone; `made` is the release
 * that this run has made, with its tables.
 */
function finishRelease(
  context: RunContext,
  { manifest, pointer }: PublishedRelease,
  builtRelease?: PageOptions['builtRelease'],
): Promise<UnfinishedSteps> {
  const { store, publicUrl } = context;
  return runSteps([
    ['list', () => listCurrent(store, { manifest, pointer }, context.now())],
    ['feed', () => writeFeed(store, { identity: manifest, publicUrl })],
    ['page', () => writePage(store, { identity: manifest, publicUrl, builtRelease })],
    ['announcement', () => announceRelease(context, manifest)],
  ]);
}
