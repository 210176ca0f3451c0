// Makes one release in a safe order: claim, data files, texts, checksums, audit, manifest, pointer.
import {
  type ClaimedRelease,
  claimRelease,
  findClaim,
  putOnce,
  ReleaseConflictError,
} from '../../catalogue/claim.ts';
import type { ReleaseChartData } from '../../catalogue/page/charts/read-chart-data.ts';
import { type CurrentState, movePointer, pointerTo } from '../../catalogue/pointer.ts';
import { FORMAT_VERSION } from '../../format/version.ts';
import { schemaJson } from '../../make/texts.ts';
import { jsonBytes, sha256 } from '../../release/digest.ts';
import { MANIFEST, releaseFolder } from '../../release/layout.ts';
import type { Manifest, Pointer } from '../../release/manifest.ts';
import { creditOf } from '../../release/terms.ts';
import { auditRelease } from '../../verify/audit.ts';
import type { RunContext } from '../context.ts';
import type { Plan } from '../plan.ts';
import { composeManifest } from './compose-manifest.ts';
import { returnMemory } from './return-memory.ts';
import type { StagedRun } from './stage-run.ts';
import { writeFiles } from './write-files.ts';

/** Whether files of the current release have the schema, format, licence and credit of a new one. */
export function canTakeFiles({ terms }: RunContext, plan: Plan, current: Manifest): boolean {
  const pairs = [
    [current.schema_sha256, sha256(schemaJson(plan))],
    [current.format_version, FORMAT_VERSION],
    [current.licence, terms.licence],
    [current.credit, creditOf(plan.synthetic)],
  ];
  return pairs.every(([before, now]) => before === now);
}

/** Whether a new release would have the same schema, format, licence, credit and contact as the current one. */
export const hasSameMetadata = (context: RunContext, plan: Plan, current: Manifest): boolean =>
  canTakeFiles(context, plan, current) && current.contact === context.terms.contact;

/** A published release and the pointer that names it. */
export interface PublishedRelease {
  readonly manifest: Manifest;
  readonly pointer: Pointer;
}

/** A release that this run has published, with the charts for the page. */
export interface MadeRelease extends PublishedRelease {
  readonly charts: ReleaseChartData;
}

/**
 * Writes a release on top of the current one and moves the pointer. Null if another run moved the pointer first, or if
 * a file of the claimed id exists with other bytes. It then adds that id to `conflictingIds`.
 * @throws {AuditError} if the written files are not as expected
 */
export async function makeRelease(
  context: RunContext,
  staged: StagedRun,
  { current, conflictingIds }: { current: CurrentState; conflictingIds: Set<string> },
): Promise<MadeRelease | null> {
  const claimed = await findOrCreateClaim(context, current, conflictingIds);
  returnMemory();
  try {
    const { manifest, charts } = await writeRelease(context, staged, { claimed, current });
    const pointer = pointerTo(manifest, jsonBytes(manifest), context.now());
    return (await movePointer(context.store, current, pointer)) ? { manifest, pointer, charts } : null;
  } catch (error) {
    if (!(error instanceof ReleaseConflictError)) throw error;
    conflictingIds.add(claimed.release);
    return null;
  }
}

/** Writes all files of the release. The manifest comes last: a release without a manifest is not published. */
async function writeRelease(
  context: RunContext,
  staged: StagedRun,
  { claimed, current: { manifest: current } }: { claimed: ClaimedRelease; current: CurrentState },
): Promise<{ manifest: Manifest; charts: ReleaseChartData }> {
  const { written, parts, charts } = await writeFiles(context, staged, {
    ...{ claimed, current },
    canTakeFiles: current !== null && canTakeFiles(context, staged.plan, current),
  });
  const manifest = composeManifest(context, staged, { ...parts, files: written.map(({ entry }) => entry) });
  context.onProgress({ stage: 'audit', files: written.length });
  await auditRelease(context.store, manifest, written);
  context.signal?.throwIfAborted();
  await context.store.sync(releaseFolder(claimed.release));
  await putOnce(context.store, claimed.release, { path: MANIFEST, body: jsonBytes(manifest) });
  return { manifest, charts };
}

/** Finds the claim of a resumed run, or claims the next free release id. */
async function findOrCreateClaim(
  { store, run, now, generator }: RunContext,
  { pointer }: CurrentState,
  conflictingIds: ReadonlySet<string>,
): Promise<ClaimedRelease> {
  const supersedes = pointer?.release ?? null;
  const created_at = now().toISOString();
  const existing = await findClaim(
    store,
    { run, supersedes, today: created_at.slice(0, 10) },
    conflictingIds,
  );
  return existing ?? claimRelease(store, { run, created_at, supersedes, generator });
}
