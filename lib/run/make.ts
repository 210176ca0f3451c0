// Making one release, in the order that makes it safe: claim, data files, texts, sums, audit, manifest, pointer.
import pMap from 'p-map';
import { FORMAT_VERSION } from '../format/parquet.ts';
import { auditRelease, type WrittenFile } from '../release/audit.ts';
import { type Difference, findDifferences } from '../release/changes/differences.ts';
import { changesFiles } from '../release/changes/files.ts';
import { type ChangesSummary, summariseChanges } from '../release/changes/summary.ts';
import {
  type ClaimedRelease,
  claimRelease,
  findClaim,
  putOnce,
  SpoiltReleaseError,
} from '../release/claim.ts';
import type { Dataset } from '../release/dataset.ts';
import { jsonBytes, sha256 } from '../release/digest.ts';
import { countDataFiles, dataFiles, type MadeFile } from '../release/files.ts';
import { MANIFEST } from '../release/layout.ts';
import { isSameMajor, type Manifest, type ManifestFile } from '../release/manifest.ts';
import { type Current, movePointer, pointerTo } from '../release/pointer.ts';
import { assessQuality, type Quality } from '../release/quality/checks.ts';
import { creditOf, footerKeyValues } from '../release/terms.ts';
import { schemaJson, sumsFile, textFiles } from '../release/texts.ts';
import { TABLES } from '../table/schema.ts';
import type { RunContext } from './context.ts';
import { fieldCounts } from './coverage.ts';
import { manifestOf } from './manifest.ts';
import type { StagedRun } from './staged.ts';

/** Files being written at once: a store answers slower than files are made. */
const FILES_AT_ONCE = 8;

/** Nothing that a release says differs: its content, how it is written, and the terms on which it is given. */
export function isUnchanged(
  { terms }: RunContext,
  { plan, dataset }: StagedRun,
  current: Manifest | null,
): boolean {
  if (!current) return false;
  const pairs = [
    ...[...TABLES, 'all' as const].map((table) => [
      current.content_sha256[table],
      dataset.contentSha256[table],
    ]),
    [current.schema_sha256, sha256(schemaJson(plan))],
    [current.format_version, FORMAT_VERSION],
    [current.licence, terms.licence],
    [current.credit, creditOf(plan.synthetic)],
    [current.contact, terms.contact],
  ];
  return pairs.every(([before, now]) => before === now);
}

/**
 * Writes a whole release on top of the current one and moves the pointer. Null if another run moved it first, or if
 * other bytes lie below the claimed id, which then is among the spoilt.
 * @throws {AuditError} if the release does not hold what was meant
 */
export async function makeRelease(
  context: RunContext,
  staged: StagedRun,
  { current, spoilt }: { current: Current; spoilt: Set<string> },
): Promise<Manifest | null> {
  const claimed = await claim(context, current, spoilt);
  try {
    const manifest = await writeRelease(context, staged, { claimed, current });
    const pointer = pointerTo(manifest, jsonBytes(manifest), context.now());
    return (await movePointer(context.store, current, pointer)) ? manifest : null;
  } catch (error) {
    if (!(error instanceof SpoiltReleaseError)) throw error;
    spoilt.add(claimed.release);
    return null;
  }
}

/** All that lies below the release's folder, in the order in which it may be seen: the manifest last. */
async function writeRelease(
  context: RunContext,
  staged: StagedRun,
  { claimed, current }: { claimed: ClaimedRelease; current: Current },
): Promise<Manifest> {
  const { written, quality, changes } = await writeFiles(context, staged, { claimed, current });
  const files = written.map(({ entry }) => entry);
  const manifest = manifestOf(context, staged, {
    claimed,
    quality,
    changes,
    files,
    current: current.manifest,
  });
  context.onProgress({ stage: 'audit', files: written.length });
  await auditRelease(context.store, manifest, written);
  context.signal?.throwIfAborted();
  await putOnce(context.store, claimed.release, { path: MANIFEST, body: jsonBytes(manifest) });
  return manifest;
}

/** The run's own claim if it is resumed, else the next free one. */
async function claim(
  { store, run, now, generator }: RunContext,
  { pointer }: Current,
  spoilt: ReadonlySet<string>,
): Promise<ClaimedRelease> {
  const supersedes = pointer?.release ?? null;
  const own = await findClaim(store, { run, supersedes }, spoilt);
  return own ?? claimRelease(store, { run, created_at: now().toISOString(), supersedes, generator });
}

async function writeFiles(
  context: RunContext,
  { plan, reports, units, dataset }: StagedRun,
  { claimed, current }: { claimed: ClaimedRelease; current: Current },
): Promise<{ written: WrittenFile[]; quality: Quality; changes: ChangesSummary | null }> {
  const { release } = claimed;
  const { write, written } = releaseWriter(context, release, countDataFiles(dataset));
  const keyValues = footerKeyValues(plan, context.terms.licence);
  await write(dataFiles(dataset, keyValues));
  const files = written.map(({ entry }) => entry);
  const changed = await changesAgainst(context, { dataset, files, release }, current.manifest);
  if (changed) await write(changesFiles(changed, dataset, keyValues));
  const quality = assessQuality({
    dataset,
    units,
    fields: fieldCounts(reports),
    before: current.manifest,
    claimedAt: claimed.claim.created_at,
  });
  await write(textFiles(plan, context.terms, { release, quality }));
  await write([sumsFile(written.map(({ entry }) => entry))]);
  return { written, quality, changes: changed?.summary ?? null };
}

/** Writes files below a release's folder, and keeps account of them in the order in which they were made. */
function releaseWriter(context: RunContext, release: string, dataFiles: number) {
  const written: WrittenFile[] = [];
  let done = 0;
  const writeOne = async ({ entry, body, facts }: MadeFile): Promise<WrittenFile> => {
    context.signal?.throwIfAborted();
    await putOnce(context.store, release, { path: entry.path, body });
    done++;
    context.onProgress({ stage: 'write', path: entry.path, done, files: Math.max(done, dataFiles) });
    return { entry, facts };
  };
  const write = async (files: AsyncIterable<MadeFile> | readonly MadeFile[]): Promise<void> => {
    written.push(...(await pMap(files, writeOne, { concurrency: FILES_AT_ONCE })));
  };
  return { write, written };
}

/** What differs from the release that this one supersedes; null where there is none, or none to compare with. */
async function changesAgainst(
  { store }: RunContext,
  { dataset, files, release }: { dataset: Dataset; files: readonly ManifestFile[]; release: string },
  before: Manifest | null,
): Promise<{ summary: ChangesSummary; differences: Difference[] } | null> {
  if (!before || !isSameMajor(before)) return null;
  const differences = await findDifferences(store, { dataset, files }, before);
  const summary = summariseChanges(differences, { release, supersedes: before.release });
  return { summary, differences };
}
