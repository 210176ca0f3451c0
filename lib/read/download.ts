// Fetching a release, or part of it, into a folder of its own kind: the same paths below `releases/<release>/`, and
// `latest.json` once all of it is there, so that every command that reads a dataset reads the copy. A file gets its name
// only when its SHA-256 is right and its bytes are on the disk; what names it comes after it (`copy.ts`).
import pMap from 'p-map';
import { readListedFile } from '../catalogue/bounded-read.ts';
import { sha256 } from '../release/digest.ts';
import { MANIFEST, releaseKey } from '../release/layout.ts';
import type { Manifest, ManifestFile } from '../release/manifest.ts';
import type { Store } from '../store/store.ts';
import { findRelease, type ReleasePart, selectFiles } from './find-release.ts';
import { checkDownloadFolder, recordDownload } from './local-copy.ts';

export interface DownloadOptions extends ReleasePart {
  /** Null for the current one. */
  readonly release: string | null;
  readonly concurrency: number;
  readonly now: Date;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/** A file that is there now: fetched, or found there with the right bytes. */
export interface DownloadProgress {
  readonly path: string;
  readonly fetched: boolean;
  readonly done: number;
  readonly files: number;
}

export interface DownloadResult {
  readonly release: string;
  /** Whether all of the release is there, and not a part. */
  readonly whole: boolean;
  readonly files: number;
  readonly bytes: number;
  /** Files that had to be fetched; the others were there. */
  readonly fetched: number;
  /** What could not be had, a sentence a file; while there is any, neither manifest nor pointer is written. */
  readonly problems: readonly string[];
}

/**
 * Downloads from `source` into `target`; what is there already with the right SHA-256 is not fetched.
 * @throws {DownloadError} if there is no such release or part, or the folder holds something else;
 * {DamagedFileError} if pointer, list or manifest are not what they should be; {StoreError}; the signal's reason
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
  // Whoever is told of an error finds nothing still being written.
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

/** Whether the file is there with the right bytes. */
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

/** Fetches a file and gives it its name, or says why it does not. */
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
