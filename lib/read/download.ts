// Downloads a release, or a part of it, into a folder with the same paths as the source, so every command that reads a
// dataset can read the copy. A file is written under its name only if its SHA-256 is right. What an earlier download in
// the folder has is taken from there (`earlier-downloads.ts`). Manifest, list and pointer follow after all files
// (`local-copy.ts`).
import pMap from 'p-map';
import { readListedFile } from '../catalogue/bounded-read.ts';
import { sha256 } from '../release/digest.ts';
import { MANIFEST, releaseKey } from '../release/layout.ts';
import type { Manifest, ManifestFile } from '../release/manifest.ts';
import type { Store } from '../store/store.ts';
import { type EarlierFiles, findEarlierFiles, takeEarlierFile } from './earlier-downloads.ts';
import { findRelease, type ReleasePart, selectFiles } from './find-release.ts';
import { checkDownloadFolder, readIntactFile, recordDownload } from './local-copy.ts';

export interface DownloadOptions extends ReleasePart {
  /** Null for the current release. */
  readonly release: string | null;
  readonly concurrency: number;
  readonly now: Date;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

/** How a file came to its place: fetched, taken from an earlier download in the folder, or it was there before. */
export type FileOrigin = 'fetched' | 'reused' | 'there';

/** A file that is in the folder now. */
export interface DownloadProgress {
  readonly path: string;
  readonly origin: FileOrigin;
  readonly done: number;
  readonly files: number;
}

export interface DownloadResult {
  readonly release: string;
  /** Whether the whole release was downloaded, not a part. */
  readonly whole: boolean;
  readonly files: number;
  readonly bytes: number;
  /** Number of files that were fetched. */
  readonly fetched: number;
  /** Number of files that were taken from an earlier download in the folder. The others were in their place before. */
  readonly reused: number;
  /** Files that could not be fetched, one message each. If there are any, manifest and pointer are not written. */
  readonly problems: readonly string[];
}

/**
 * Downloads from `source` into `target`. A file that `target` has with the right SHA-256, in this or another release,
 * is not fetched.
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
  const { origins, problems } = await placeFiles(source, target, { manifest, files, options });
  const whole = files.length === manifest.files.length;
  if (problems.length === 0) await recordDownload(target, found, { whole });
  const count = (origin: FileOrigin): number => origins.filter((one) => one === origin).length;
  return {
    release: manifest.release,
    whole,
    files: files.length,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    fetched: count('fetched'),
    reused: count('reused'),
    problems,
  };
}

async function placeFiles(
  source: Store,
  target: Store,
  {
    manifest,
    files,
    options,
  }: { manifest: Manifest; files: readonly ManifestFile[]; options: DownloadOptions },
): Promise<{ origins: FileOrigin[]; problems: string[] }> {
  const { release } = manifest;
  const origins: FileOrigin[] = [];
  const problems: string[] = [];
  // Only a missing file needs the manifests of earlier downloads.
  let found: Promise<EarlierFiles> | undefined;
  const findEarlier = (): Promise<EarlierFiles> => {
    found ??= findEarlierFiles(target, { release, files });
    return found;
  };
  const placeOne = async (entry: ManifestFile): Promise<void> => {
    const placed = await placeFile(source, target, { release, entry, findEarlier });
    if (typeof placed !== 'string') return void problems.push(placed.problem);
    origins.push(placed);
    options.onProgress({ path: entry.path, origin: placed, done: origins.length, files: files.length });
  };
  // After an error, wait for the files in progress, so nothing is still being written when this throws.
  const failures: unknown[] = [];
  const placeNext = async (entry: ManifestFile): Promise<void> => {
    options.signal?.throwIfAborted();
    if (failures.length === 0) await placeOne(entry);
  };
  const collectFailure = (error: unknown): void => {
    failures.push(error);
  };
  await pMap(files, (entry) => placeNext(entry).catch(collectFailure), { concurrency: options.concurrency });
  if (failures.length > 0) throw failures[0];
  return { origins, problems };
}

/** Brings a file to its place with the right bytes, and says how, or why not. */
async function placeFile(
  source: Store,
  target: Store,
  {
    release,
    entry,
    findEarlier,
  }: { release: string; entry: ManifestFile; findEarlier: () => Promise<EarlierFiles> },
): Promise<FileOrigin | { problem: string }> {
  if (await readIntactFile(target, release, entry)) return 'there';
  if (await takeEarlierFile(target, { release, entry, earlier: await findEarlier() })) return 'reused';
  const problem = await fetchFile(source, target, { release, entry });
  return problem === null ? 'fetched' : { problem };
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
