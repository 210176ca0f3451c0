// Making one release, in the order that makes it safe: claim, data files, texts, sums, audit, manifest, pointer.

import type { Dataset } from '../../build/dataset.ts';
import { schemaJson } from '../../build/texts.ts';
import {
  type ClaimedRelease,
  claimRelease,
  findClaim,
  putOnce,
  ReleaseConflictError,
} from '../../catalogue/claim.ts';
import { type CurrentState, movePointer, pointerTo } from '../../catalogue/pointer.ts';
import { FORMAT_VERSION } from '../../format/version.ts';
import { jsonBytes, sha256 } from '../../release/digest.ts';
import { MANIFEST, releaseFolder } from '../../release/layout.ts';
import type { Manifest, Pointer } from '../../release/manifest.ts';
import { creditOf } from '../../release/terms.ts';
import { TABLES } from '../../table/schema.ts';
import { auditRelease } from '../../verify/audit.ts';
import type { RunContext } from '../context.ts';
import type { Plan } from '../plan.ts';
import { composeManifest } from './compose-manifest.ts';
import type { StagedRun } from './stage-run.ts';
import { writeFiles } from './write-files.ts';

/** A release of the same rows would say the same: how it is written, and the terms on which it is given. */
export function hasSameMetadata({ terms }: RunContext, plan: Plan, current: Manifest): boolean {
  const pairs = [
    [current.schema_sha256, sha256(schemaJson(plan))],
    [current.format_version, FORMAT_VERSION],
    [current.licence, terms.licence],
    [current.credit, creditOf(plan.synthetic)],
    [current.contact, terms.contact],
  ];
  return pairs.every(([before, now]) => before === now);
}

/** The rows are those of the current release. */
export const hasSameRows = ({ contentSha256 }: Dataset, current: Manifest): boolean =>
  [...TABLES, 'all' as const].every((table) => current.content_sha256[table] === contentSha256[table]);

/** A release that the pointer was moved to, and the pointer as it was written. */
export interface PublishedRelease {
  readonly manifest: Manifest;
  readonly pointer: Pointer;
}

/**
 * Writes a whole release on top of the current one and moves the pointer. Null if another run moved it first, or if
 * other bytes lie below the claimed id, which then is among the spoilt.
 * @throws {AuditError} if the release does not hold what was meant
 */
export async function makeRelease(
  context: RunContext,
  staged: StagedRun,
  { current, spoilt: conflictingIds }: { current: CurrentState; spoilt: Set<string> },
): Promise<PublishedRelease | null> {
  const claimed = await findOrCreateClaim(context, current, conflictingIds);
  try {
    const manifest = await writeRelease(context, staged, { claimed, current });
    const pointer = pointerTo(manifest, jsonBytes(manifest), context.now());
    return (await movePointer(context.store, current, pointer)) ? { manifest, pointer } : null;
  } catch (error) {
    if (!(error instanceof ReleaseConflictError)) throw error;
    conflictingIds.add(claimed.release);
    return null;
  }
}

/** All that lies below the release's folder, in the order in which it may be seen: the manifest last. */
async function writeRelease(
  context: RunContext,
  staged: StagedRun,
  { claimed, current }: { claimed: ClaimedRelease; current: CurrentState },
): Promise<Manifest> {
  const { written, parts } = await writeFiles(context, staged, { claimed, current: current.manifest });
  const manifest = composeManifest(context, staged, { ...parts, files: written.map(({ entry }) => entry) });
  context.onProgress({ stage: 'audit', files: written.length });
  await auditRelease(context.store, manifest, written);
  context.signal?.throwIfAborted();
  await context.store.sync(releaseFolder(claimed.release));
  await putOnce(context.store, claimed.release, { path: MANIFEST, body: jsonBytes(manifest) });
  return manifest;
}

/** The run's own claim if it is resumed, else the next free one. */
async function findOrCreateClaim(
  { store, run, now, generator }: RunContext,
  { pointer }: CurrentState,
  conflictingIds: ReadonlySet<string>,
): Promise<ClaimedRelease> {
  const supersedes = pointer?.release ?? null;
  const created_at = now().toISOString();
  const own = await findClaim(store, { run, supersedes, today: created_at.slice(0, 10) }, conflictingIds);
  return own ?? claimRelease(store, { run, created_at, supersedes, generator });
}
