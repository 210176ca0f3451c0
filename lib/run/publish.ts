// Third stage: staged columns become a published release. Until the pointer moves nothing is published; after it
// moved everything is, since the manifest was written last. A run that is killed anywhere and started again finds its
// claim, writes the same bytes, and goes on.
import { announceFailure, announceRelease } from '../release/announce.ts';
import { writeFeed } from '../release/feed.ts';
import { listRelease, recordCheck } from '../release/ledger.ts';
import { DamagedFileError, type Manifest } from '../release/manifest.ts';
import { type PageOptions, writePage } from '../release/page/write.ts';
import { type Current, readCurrent } from '../release/pointer.ts';
import { composeUnits } from './compose.ts';
import type { RunContext } from './context.ts';
import { isKnownWhole } from './known.ts';
import { hasSameRows, makeRelease, saysTheSame } from './make.ts';
import { checkOf, type Outcome, published, refused, unchanged } from './outcome.ts';
import { againWith, refuseDrop, refuseFailures } from './refusals.ts';
import { type StagedRun, stageRun } from './staged.ts';

export interface PublishOptions {
  /** Percent of the units asked for that may be without an answer. */
  readonly maxFailed: number;
  /** Publish although rows or countries were lost. */
  readonly acceptDrop: boolean;
  /** Publish although nothing changed. */
  readonly reissue: boolean;
}

/** How often a release is made again because another run moved the pointer meanwhile. */
const TRIES = 3;

/**
 * Publishes a run from the reports of the units that it asked for.
 * @throws {StagedFileError} if what was staged is damaged; {DamagedFileError} if what it stands on is; {AuditError} if
 * what was written is; {StoreError}
 */
export async function publish(
  context: RunContext,
  asked: Pick<StagedRun, 'plan' | 'reports'>,
  options: PublishOptions,
): Promise<Outcome> {
  const outcome = await publishReports(context, asked, options);
  if (outcome.reason) await announceFailure(context, { run: asked.plan.run, reason: outcome.reason });
  await recordCheck(context.store, checkOf(context, outcome));
  return outcome;
}

async function publishReports(
  context: RunContext,
  asked: Pick<StagedRun, 'plan' | 'reports'>,
  options: PublishOptions,
): Promise<Outcome> {
  const { plan, reports } = asked;
  const spoilt = new Set<string>();
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const current = await finishCurrent(context);
    const { manifest } = current;
    if (manifest?.run === plan.run) return published(manifest, current);
    const units = composeUnits(plan, reports, manifest);
    const failures = refuseFailures(plan, reports, options.maxFailed);
    if (failures) return refused(units, failures);
    const isSame = !options.reissue && manifest !== null && saysTheSame(context, plan, manifest);
    if (isSame && (await isKnownWhole(context.store, asked, { units, current: manifest })))
      return unchanged(units, current);
    const staged = await stageOn(context, { ...asked, units }, current);
    if (!staged) continue;
    const drop = options.acceptDrop ? null : refuseDrop(staged.dataset, manifest, plan);
    if (drop) return refused(units, drop);
    if (isSame && hasSameRows(staged.dataset, manifest)) return unchanged(units, current);
    const made = await makeRelease(context, staged, { current, spoilt });
    if (made) return published(made, await finishCurrent(context, tablesOf(made, staged)));
  }
  const reason = `other runs moved the pointer ${TRIES} times meanwhile: run again with ${againWith(plan)}`;
  return refused(composeUnits(plan, reports, null), reason);
}

/** Puts the run on top of the current release; null if that was withdrawn or pruned meanwhile, and another is current. */
async function stageOn(
  context: RunContext,
  composed: Omit<StagedRun, 'dataset'>,
  current: Current,
): Promise<StagedRun | null> {
  try {
    return await stageRun(context, composed, current.manifest);
  } catch (error) {
    const isMissing = error instanceof DamagedFileError;
    if (isMissing && (await readCurrent(context.store)).etag !== current.etag) return null;
    throw error;
  }
}

/** The tables of a release that was just made. */
const tablesOf = ({ release }: Manifest, { dataset }: StagedRun): NonNullable<PageOptions['made']> => ({
  release,
  tables: async (table) => dataset.tables[table].columns,
});

/**
 * Reads the current release, and does what a run that was killed after moving the pointer left undone; `made` is the
 * release that this run has made, with its tables.
 */
async function finishCurrent(context: RunContext, made?: PageOptions['made']): Promise<Current> {
  const { store, publicUrl } = context;
  const current = await readCurrent(store);
  if (current.manifest && current.pointer) {
    await listRelease(store, current.manifest, current.pointer);
    await writeFeed(store, { identity: current.manifest, publicUrl });
    await writePage(store, { identity: current.manifest, publicUrl, made });
    await announceRelease(context, current);
  }
  return current;
}
