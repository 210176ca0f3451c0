// Third stage: staged columns become a published release. Until the pointer moves nothing is published; after it

// moved everything is, since the manifest was written last. A run that is killed anywhere and started again finds its
// claim, writes the same bytes, and goes on.
import { announceFailure, announceRelease } from '../catalogue/announce.ts';
import { writeFeed } from '../catalogue/feed.ts';
import { type PageOptions, writePage } from '../catalogue/page/write.ts';
import { type Current, readCurrent } from '../catalogue/pointer.ts';
import { refuseDamagedPrefix } from '../catalogue/prefix.ts';
import { listCurrent } from '../catalogue/repair/rebuild-list.ts';
import { missingFiles } from '../catalogue/repair/survey.ts';
import { recordCheck } from '../catalogue/status.ts';
import { DamagedFileError, type Manifest, type Pointer } from '../release/manifest.ts';
import { againWith, refuseFailures, refuseGuarded, refuseNothing } from './checks/refusals.ts';
import type { RunContext } from './context.ts';
import { hasSameRows, type MadeRelease, makeRelease, saysTheSame } from './make/make-release.ts';
import { type StagedRun, stageRun } from './make/stage-run.ts';
import { finishSteps, type Step, type Unfinished } from './outcome/finish-steps.ts';
import {
  checkOf,
  type Ended,
  type Outcome,
  published,
  refused,
  unchanged,
  withWarnings,
} from './outcome/outcome.ts';
import { warningsOf } from './outcome/warnings.ts';
import { composeUnits } from './units/compose-units.ts';
import { overtakenUnits } from './units/newer-answers.ts';
import { isKnownWhole } from './units/unchanged-answers.ts';

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
type Asked = Pick<StagedRun, 'plan' | 'reports'>;

/** How often a release is made again because another run moved the pointer meanwhile. */
const TRIES = 3;

/**
 * Publishes a run from the reports of the units that it asked for. The outcome is what moving the pointer decided: what
 * fails afterwards is named in it, and changes nothing else.
 * @throws {StagedFileError} if what was staged is damaged; {DamagedFileError} if what it stands on is; {AuditError} if
 * what was written is; {UnknownOutcomeError}; {StoreError}
 */
export async function publish(context: RunContext, asked: Asked, options: PublishOptions): Promise<Outcome> {
  const ended = await publishReports(context, asked, options);
  const { outcome } = ended;
  const { reason } = outcome;
  const unfinished = await finishSteps([
    ...(reason ? [tellFailure(context, { run: asked.plan.run, reason })] : []),
    ['status', () => recordCheck(context.store, checkOf(context, ended))],
  ]);
  const warnings = await warningsOf(context, ended.units, options.maxAge);
  return {
    ...outcome,
    unfinished: [...outcome.unfinished, ...unfinished],
    warnings: [...outcome.warnings, ...warnings],
  };
}

const tellFailure = (context: RunContext, failure: { run: string; reason: string }): Step => [
  'announcement',
  () => announceFailure(context, failure),
];

async function publishReports(context: RunContext, asked: Asked, options: PublishOptions): Promise<Ended> {
  const spoilt = new Set<string>();
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const current = await readCurrent(context.store);
    if (current.etag === null) await refuseDamagedPrefix(context.store);
    try {
      const ended = await publishOn(context, asked, { ...options, current, spoilt });
      if (ended) return ended;
    } catch (error) {
      // What was current has gone, so its files went with it: begin again on what is current now.
      const isMissing = error instanceof DamagedFileError;
      if (!isMissing || (await readCurrent(context.store)).etag === current.etag) throw error;
    }
  }
  const reason = `other runs moved the pointer ${TRIES} times meanwhile: run again with ${againWith(asked.plan)}`;
  const { manifest } = await readCurrent(context.store);
  return refused(composeUnits({ ...asked, current: manifest, overtaken: new Set() }), reason);
}

/** Publishes on top of a release; null if another run moved the pointer meanwhile. */
async function publishOn(
  context: RunContext,
  asked: Asked,
  { current, spoilt, ...options }: PublishOptions & { current: Current; spoilt: Set<string> },
): Promise<Ended | null> {
  const { plan, reports } = asked;
  const { manifest, pointer } = current;
  const unfinished = manifest && pointer ? await finishRelease(context, { manifest, pointer }) : [];
  const isOwn = manifest?.run === plan.run;
  const mayStand = isOwn || (!options.reissue && manifest !== null && saysTheSame(context, plan, manifest));
  const missing = manifest && mayStand ? await missingFiles(context.store, manifest) : [];
  const isWhole = missing.length === 0;
  if (manifest && isOwn && isWhole) return published(manifest, pointer as Pointer, unfinished);
  const overtaken = await overtakenUnits(context, reports, manifest);
  const units = composeUnits({ plan, reports, current: manifest, overtaken });
  const failures = refuseFailures(plan, reports, options.maxFailed);
  if (failures) return refused(units, failures, unfinished);
  const isSame = manifest !== null && mayStand && isWhole;
  if (isSame && (await isKnownWhole(context.store, asked, { units, current: manifest })))
    return unchanged(units, pointer as Pointer, unfinished);
  const staged = await stageRun(context, { ...asked, units }, manifest);
  if (isSame && hasSameRows(staged.dataset, manifest))
    return unchanged(units, pointer as Pointer, unfinished);
  const nothing = refuseNothing(staged, manifest);
  const suspicion = nothing ?? (options.acceptDrop ? null : refuseGuarded(staged, plan));
  if (suspicion) return refused(units, suspicion, unfinished);
  const made = await makeRelease(context, staged, { current, spoilt });
  if (!made) return null;
  const left = await finishRelease(context, made, tablesOf(made, staged));
  return withWarnings(published(made.manifest, made.pointer, left), damageWarnings(manifest, missing));
}

/** Files of the release before were gone: whoever reads that one must know. */
const damageWarnings = (before: Manifest | null, missing: readonly string[]): string[] =>
  before && missing.length > 0
    ? [
        `${missing.length} of ${before.files.length} files of release ${before.release} were missing or cut (${missing[0]}), so the same figures were published again; restore that release, or withdraw it`,
      ]
    : [];

/** The tables of a release that was just made. */
const tablesOf = (
  { manifest: { release } }: MadeRelease,
  { dataset }: StagedRun,
): NonNullable<PageOptions['made']> => ({
  release,
  tables: async (table) => dataset.tables[table].columns,
});

/**
 * Does what remains once the pointer names a release, also what a run that was killed left undone; `made` is the release
 * that this run has made, with its tables.
 */
function finishRelease(
  context: RunContext,
  { manifest, pointer }: MadeRelease,
  made?: PageOptions['made'],
): Promise<Unfinished> {
  const { store, publicUrl } = context;
  return finishSteps([
    ['list', () => listCurrent(store, { manifest, pointer }, context.now())],
    ['feed', () => writeFeed(store, { identity: manifest, publicUrl })],
    ['page', () => writePage(store, { identity: manifest, publicUrl, made })],
    ['announcement', () => announceRelease(context, manifest)],
  ]);
}
