// Third stage: staged columns become a published release. Until the pointer moves nothing is published; after it
// moved everything is, since the manifest was written last. A run that is killed anywhere and started again finds its
// claim, writes the same bytes, and goes on.
import { SpoiltReleaseError } from '../release/claim.ts';
import { listRelease, recordCheck } from '../release/ledger.ts';
import { type Current, readCurrent } from '../release/pointer.ts';
import type { RunContext } from './context.ts';
import { isUnchanged, makeRelease } from './make.ts';
import { checkOf, type Outcome, refused, settled } from './outcome.ts';
import type { Plan } from './plan.ts';
import { refuseDrop, refuseFailures, refusePart, refuseStale } from './refusals.ts';
import { loadDataset, readReports, type StagedRun } from './staged.ts';

export interface PublishOptions {
  /** Publish although rows or countries were lost. */
  readonly acceptDrop: boolean;
  /** Publish although nothing changed. */
  readonly reissue: boolean;
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

async function publishStaged(
  context: RunContext,
  staged: StagedRun,
  options: PublishOptions,
): Promise<Outcome> {
  const { plan, reports } = staged;
  const spoilt = new Set<string>();
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const current = await finishCurrent(context);
    if (current.manifest?.run === plan.run) return settled('published', staged, current);
    const reason = refusalOf(staged, current, options);
    if (reason) return refused(plan, reports, reason);
    if (!options.reissue && isUnchanged(context, staged, current.manifest))
      return settled('unchanged', staged, current);
    try {
      if (await makeRelease(context, staged, { current, spoilt }))
        return settled('published', staged, await finishCurrent(context));
    } catch (error) {
      if (!(error instanceof SpoiltReleaseError)) throw error;
      spoilt.add(error.release);
    }
  }
  const reason = `other runs moved the pointer ${TRIES} times meanwhile: run again with --run ${plan.run}`;
  return refused(plan, reports, reason);
}

/** Reads the current release, and does what a run that was killed after moving the pointer left undone. */
async function finishCurrent({ store }: RunContext): Promise<Current> {
  const current = await readCurrent(store);
  if (current.manifest && current.pointer) await listRelease(store, current.manifest, current.pointer);
  return current;
}

const refusalOf = (
  { plan, reports, dataset }: StagedRun,
  { manifest }: Current,
  { acceptDrop }: PublishOptions,
): string | null =>
  refusePart(plan, manifest) ??
  refuseStale(reports, manifest) ??
  refuseDrop(dataset, manifest, { run: plan.run, acceptDrop });
