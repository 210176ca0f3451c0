// Finds what to download: the release by the pointer or the list, its manifest by SHA-256, and the files of the
// requested part.
import { pointerTo, readCurrent } from '../catalogue/pointer.ts';
import { nothingPublishedMessage, RESTORE_HINT } from '../catalogue/prefix.ts';
import { readReleases } from '../catalogue/release-list.ts';
import { sha256 } from '../release/digest.ts';
import { MANIFEST, RELEASES, releaseKey } from '../release/layout.ts';
import {
  DamagedFileError,
  type Manifest,
  type ManifestFile,
  type Pointer,
  readManifest,
} from '../release/manifest.ts';
import { findManifestProblems } from '../release/manifest-problems.ts';
import { hasExpired } from '../release/release-list.ts';
import type { Store } from '../store/store.ts';

/** The data files to download; null for all. The texts of the release are always downloaded. */
export interface ReleasePart {
  readonly tables: readonly string[] | null;
  readonly countries: readonly string[] | null;
  readonly formats: readonly string[] | null;
}

/** This release or part cannot be downloaded into this folder. Another release, part or folder may work. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
}

/** A release found at a source, with its manifest and the manifest's bytes. */
export interface FoundRelease {
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  readonly pointer: Pointer;
}

/**
 * Finds a release; the current one if `release` is null.
 * @throws {DownloadError} if it does not exist, was withdrawn or has expired; {DamagedFileError}; {StoreError}
 */
export async function findRelease(source: Store, release: string | null, now: Date): Promise<FoundRelease> {
  const { pointer, manifest } = await readCurrent(source);
  const isCurrent = release === null || release === pointer?.release;
  if (!isCurrent) return findListedRelease(source, release, now);
  if (!pointer || !manifest) throw new DownloadError(await nothingPublishedMessage(source));
  const found = await readRelease(source, pointer.release ?? '', pointer.manifest_sha256 ?? '');
  return { ...found, pointer };
}

/** Finds a release in the list. @throws {DownloadError} if it was withdrawn or has expired */
async function findListedRelease(source: Store, release: string, now: Date): Promise<FoundRelease> {
  const listed = await readReleases(source);
  const entry = listed.find((one) => one.release === release);
  if (!entry && listed.length === 0)
    throw new DownloadError(
      `${source.location}: ${RELEASES} is missing or empty, so only the current release can be had; ${RESTORE_HINT}`,
    );
  if (!entry) throw new DownloadError(`${source.location}: there is no release ${release}`);
  if (entry.status === 'withdrawn')
    throw new DownloadError(
      `release ${release} was withdrawn: ${entry.withdrawn?.reason ?? 'no reason is given'}`,
    );
  if (hasExpired(entry.expires_at, now))
    throw new DownloadError(`release ${release} was kept until ${entry.expires_at}: its data files are gone`);
  const found = await readRelease(source, release, entry.manifest_sha256);
  return {
    ...found,
    pointer: { ...pointerTo(found.manifest, found.manifestBytes, now), published_at: entry.published_at },
  };
}

/** Reads a manifest and checks its SHA-256 and the paths that it lists. @throws {DamagedFileError} */
export async function readRelease(source: Store, release: string, hash: string) {
  const key = releaseKey(release, MANIFEST);
  const found = await source.get(key);
  if (!found) throw new DamagedFileError(key, 'missing');
  if (sha256(found.body) !== hash)
    throw new DamagedFileError(key, `expected SHA-256 ${hash}, found ${sha256(found.body)}`);
  const manifest = readManifest(key, found.body);
  const [problem] = findManifestProblems(manifest, release);
  if (problem) throw new DamagedFileError(key, problem);
  return { manifest, manifestBytes: found.body };
}

/** Selects the files of a part. @throws {DownloadError} naming the table, country or format that has no file */
export function selectFiles({ release, files }: Manifest, part: ReleasePart): ManifestFile[] {
  const filters = [
    ['table', part.tables],
    ['country', part.countries],
    ['format', part.formats],
  ] as const;
  const isData = ({ table, country }: ManifestFile): boolean => table !== null || country !== null;
  const matchesFilters = (file: ManifestFile): boolean =>
    filters.every(([key, values]) => values === null || values.includes(file[key] ?? ''));
  const selected = files.filter(isData).filter(matchesFilters);
  for (const [key, values] of filters) {
    const missing = values?.find((value) => !selected.some((file) => file[key] === value));
    if (missing === undefined) continue;
    throw new DownloadError(
      `release ${release} has no file of ${key} ${missing} in the part that was asked for`,
    );
  }
  return files.filter((file) => !isData(file) || selected.includes(file));
}
