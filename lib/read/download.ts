// Downloads a release, or a part of it, into a folder with the same paths as the source, so every command that reads a
// dataset can read the copy. A file is written under its name only if its SHA-256 is right. Manifest, list and pointer
// follow after all files (`local-copy.ts`).
import pMap from 'p-map';
import { readListedFile } from '../catalogue/bounded-read.ts';
import { sha256 } from '../release/digest.ts';
import { MANIFEST, releaseKey } from '../release/layout.ts';
import type { Manifest, ManifestFile } from '../release/manifest.ts';
import type { Store } from '../store/store.ts';
import { findRelease, type ReleasePart, selectFiles } from './find-release.ts';
import { checkDownloadFolder, recordDownload } from './local-copy.ts';

export interface DownloadOptions extends ReleasePart {
  /** Null for the current release. */
  readonly release: string | null;
  readonly concurrency: number;
  readonly now: Date;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/** A file that is in the folder now. `fetched` is false if it was there before with the right bytes. */
export interface DownloadProgress {
  readonly path: string;
  readonly fetched: boolean;
  readonly done: number;
  readonly files: number;
}

export interface DownloadResult {
  readonly release: string;
  /** Whether the whole release was downloaded, not a part. */
  readonly whole: boolean;
  readonly files: number;
  readonly bytes: number;
  /** Number of files that were fetched. The others were in the folder before. */
  readonly fetched: number;
  /** Files that could not be fetched, one message each. If there are any, manifest and pointer are not written. */
  readonly problems: readonly string[];
}

/**
 * Downloads from `source` into `target`. A file that `target` has with the right SHA-256 is not fetched again.
 * @throws {DownloadError} if the release or part does not exist, or the folder holds something else;
 * {DamagedFileError} if pointer, list or manifest is damaged; {StoreError}; the signal's reason
 */
export async function downloadRelease(
  source: Store,
  target: Store,
  options: DownloadOptions,
): Promise<DownloadResult> {
  const found = await findRelease(source, options.release, options.now);
  const { manifest } = found;
  const files = selectFiles(manifest, options);
  await checkDownloadFolder(target, found);
  const { fetched, problems } = await fetchFiles(source, target, { manifest, files, options });
  const whole = files.length === manifest.files.length;
  if (problems.length === 0) await recordDownload(target, found, { whole });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { release: manifest.release, whole, files: files.length, bytes, fetched, problems };
}

async function fetchFiles(
  source: Store,
  target: Store,
  {
    manifest,
    files,
    options,
  }: { manifest: Manifest; files: readonly ManifestFile[]; options: DownloadOptions },
): Promise<{ fetched: number; problems: string[] }> {
  const { release } = manifest;
  const problems: string[] = [];
  let [done, fetched] = [0, 0];
  const fetchOne = async (entry: ManifestFile): Promise<void> => {
    const isThere = await hasFile(target, release, entry);
    const problem = isThere ? null : await fetchFile(source, target, { release, entry });
    if (problem) return void problems.push(problem);
    done++;
    if (!isThere) fetched++;
    options.onProgress({ path: entry.path, fetched: !isThere, done, files: files.length });
  };
  // After an error, wait for the files in progress, so nothing is still being written when this throws.
  const failures: unknown[] = [];
  const fetchNext = async (entry: ManifestFile): Promise<void> => {
    options.signal?.throwIfAborted();
    if (failures.length === 0) await fetchOne(entry);
  };
  const collectFailure = (error: unknown): void => {
    failures.push(error);
  };
  await pMap(files, (entry) => fetchNext(entry).catch(collectFailure), { concurrency: options.concurrency });
  if (failures.length > 0) throw failures[0];
  return { fetched, problems };
}

/** Whether the target has the file with the right SHA-256. */
async function hasFile(
  target: Store,
  release: string,
  { path, bytes, sha256: hash }: ManifestFile,
): Promise<boolean> {
  const key = releaseKey(release, path);
  if ((await target.head(key))?.bytes !== bytes) return false;
  const found = await target.get(key);
  return found !== null && sha256(found.body) === hash;
}

/** Fetches a file and writes it. Returns the problem if its bytes are wrong. */
async function fetchFile(
  source: Store,
  target: Store,
  { release, entry }: { release: string; entry: ManifestFile },
): Promise<string | null> {
  const { path, bytes, sha256: hash } = entry;
  const body = await readListedFile(source, release, entry);
  if (body === null) return `${path}: missing at ${source.location}`;
  if (body.length > bytes) return `${path}: longer than the ${bytes} bytes that ${MANIFEST} says`;
  if (body.length < bytes) return `${path}: expected ${bytes} bytes, found ${body.length}`;
  const found = sha256(body);
  if (found !== hash) return `${path}: expected SHA-256 ${hash}, found ${found}`;
  await target.put(releaseKey(release, path), body, 'anything');
  return null;
}
