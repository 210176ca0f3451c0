// A release as a stranger checks it, with nothing but what is published: the pointer, the manifest, the claim and
import { claimOf } from '../release/manifest.ts';
import { listProblems } from '../release/manifest-problems.ts';
import { hasExpired, type ReleaseEntry } from '../release/release-list.ts';
// every file, and nothing that is not listed.

import { getAtMost, readListed } from '../catalogue/bounded-read.ts';
import { type Current, readCurrent } from '../catalogue/pointer.ts';
import { nothingPublished } from '../catalogue/prefix.ts';
import { readReleases } from '../catalogue/release-list.ts';
import { jsonBytes, sha256 } from '../release/digest.ts';
import {
  CLAIM,
  LATEST,
  MANIFEST,
  RELEASES,
  releaseFolder,
  releaseKey,
  STATUS,
  WITHDRAWN,
} from '../release/layout.ts';
import {
  DamagedFileError,
  isNewer,
  isOlder,
  type Manifest,
  type ManifestFile,
  readManifest,
} from '../release/manifest.ts';

import { type Store, StoreError } from '../store/store.ts';
import { checkFile } from './check-file.ts';
import { fileShapeProblems, RELEASE_SHAPES, ROOT_SHAPES, shapeProblems } from './json-schemas.ts';

/** The lists beside the pointer grow with every release, by less than a kilobyte each. */
const LIST_BYTES = 1 << 26;

export interface Verdict {
  readonly release: string | null;
  readonly files: number;
  readonly bytes: number;
  readonly problems: readonly string[];
  /** Why files that nobody listed could not be looked for, or null. */
  readonly unlistable: string | null;
}

const FAILED = { release: null, files: 0, bytes: 0, unlistable: null };

/** Checks the current release, file by file; `onFile` is told each path as it begins. */
export async function verifyRelease(
  store: Store,
  onFile: (path: string) => void = () => {},
): Promise<Verdict> {
  let current: Current;
  try {
    current = await readCurrent(store);
  } catch (error) {
    if (error instanceof DamagedFileError) return { ...FAILED, problems: [error.message] };
    throw error;
  }
  const { manifest } = current;
  if (!manifest) return { ...FAILED, problems: [await nothingPublished(store)] };
  const refused = listProblems(manifest, current.pointer?.release ?? '');
  if (refused.length > 0) return { ...FAILED, problems: refused };
  const root = [...(await checkRootShapes(store, current)), ...(await checkStanding(store, manifest))];
  const verdict = await verifyFiles(store, manifest, onFile);
  return { ...verdict, problems: [...root, ...verdict.problems] };
}

/** One release whose manifest is known: its claim, its files, and nothing else below its folder. */
async function verifyFiles(
  store: Store,
  manifest: Manifest,
  onFile: (path: string) => void,
): Promise<Verdict> {
  const problems = await checkClaim(store, manifest);
  for (const entry of manifest.files) {
    onFile(entry.path);
    problems.push(...(await checkListed(store, manifest, entry)));
  }
  const strangers = await unlistedFiles(store, manifest);
  if (Array.isArray(strangers)) problems.push(...strangers);
  return {
    release: manifest.release,
    files: manifest.files.length,
    bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
    problems,
    unlistable: Array.isArray(strangers) ? null : strangers,
  };
}

/** What was found of all releases together. */
export interface WholeVerdict extends Verdict {
  /** How many releases the list has. */
  readonly releases: number;
}

/**
 * Checks the current release and every other one that is listed: of those that stand all files, of those that were
 * withdrawn or whose time is over the record, and that no file of a withdrawn one is left.
 */
export async function verifyEvery(
  store: Store,
  now: Date,
  onFile: (path: string) => void = () => {},
): Promise<WholeVerdict> {
  const current = await verifyRelease(store, onFile);
  const problems = [...current.problems];
  let [files, bytes] = [current.files, current.bytes];
  let listed: ReleaseEntry[] = [];
  try {
    listed = await readReleases(store);
  } catch (error) {
    if (!(error instanceof DamagedFileError)) throw error;
    problems.push(error.message);
  }
  for (const entry of listed.filter(({ release }) => release !== current.release)) {
    const found = await verifyListed(store, entry, { now, onFile });
    files += found.files;
    bytes += found.bytes;
    problems.push(...found.problems.map((problem) => `${releaseFolder(entry.release)}${problem}`));
  }
  return { ...current, releases: listed.length, files, bytes, problems };
}

async function verifyListed(
  store: Store,
  { release, status, expires_at, manifest_sha256 }: ReleaseEntry,
  { now, onFile }: { now: Date; onFile: (path: string) => void },
): Promise<Verdict> {
  const found = await getAtMost(store, releaseKey(release, MANIFEST), LIST_BYTES);
  if (!found) return { ...FAILED, problems: [`${MANIFEST}: missing, though ${RELEASES} lists it`] };
  const hash = sha256(found.body);
  if (hash !== manifest_sha256)
    return { ...FAILED, problems: [`${MANIFEST}: expected SHA-256 ${manifest_sha256}, found ${hash}`] };
  const manifest = readManifest(releaseKey(release, MANIFEST), found.body);
  const refused = listProblems(manifest, release);
  if (refused.length > 0) return { ...FAILED, problems: refused };
  const isWithdrawn = (await store.head(releaseKey(release, WITHDRAWN))) !== null;
  if (isWithdrawn !== (status === 'withdrawn'))
    return {
      ...FAILED,
      problems: [`${WITHDRAWN}: ${isWithdrawn ? 'is there' : 'missing'}, and ${RELEASES} says ${status}`],
    };
  if (isWithdrawn) return { ...FAILED, problems: await filesLeft(store, manifest) };
  return hasExpired(expires_at, now) ? { ...FAILED, problems: [] } : verifyFiles(store, manifest, onFile);
}

/** Files of a withdrawn release that should be gone. */
async function filesLeft(store: Store, { release, files }: Manifest): Promise<string[]> {
  const left: string[] = [];
  for (const { path } of files)
    if (await store.head(releaseKey(release, path)))
      left.push(`${path}: still there, though the release was withdrawn`);
  return left;
}

/** The pointer, its manifest, and the lists beside the pointer, where there are any. */
async function checkRootShapes(store: Store, { pointer, manifest }: Current): Promise<string[]> {
  const options = agesOf(manifest as Manifest);
  const lists = ([RELEASES, STATUS] as const).map(async (key) => {
    const found = await getAtMost(store, key, LIST_BYTES);
    return found ? named(key, fileShapeProblems(ROOT_SHAPES[key], found.body, options)) : [];
  });
  return [
    ...named(LATEST, shapeProblems('latest', pointer, options)),
    ...named(MANIFEST, shapeProblems('manifest', manifest, options)),
    ...(await Promise.all(lists)).flat(),
  ];
}

/** One file that the manifest lists: its bytes, its rows and columns, and its shape where it has one. */
async function checkListed(store: Store, manifest: Manifest, entry: ManifestFile): Promise<string[]> {
  const body = await readListed(store, manifest.release, entry);
  const { problems } = await checkFile(entry, body, manifest);
  const shape = RELEASE_SHAPES.get(entry.path);
  if (problems.length > 0 || !shape || !body) return [...problems];
  return named(entry.path, fileShapeProblems(shape, body, agesOf(manifest)));
}

/** What the program that wrote a release may have said more or less than this one. */
const agesOf = (manifest: Manifest) => ({ newer: isNewer(manifest), older: isOlder(manifest) });

const named = (path: string, problems: readonly string[]): string[] =>
  problems.map((problem) => `${path}: ${problem}`);

/** The claim is not in the manifest's list, but says nothing that the manifest does not say too. */
async function checkClaim(store: Store, manifest: Manifest): Promise<string[]> {
  const claim = jsonBytes(claimOf(manifest));
  const body = await readListed(store, manifest.release, { path: CLAIM, bytes: claim.length });
  if (!body) return [`${CLAIM}: missing`];
  return Buffer.from(claim).equals(body)
    ? []
    : [`${CLAIM}: differs from what ${MANIFEST} says of run, created_at, supersedes and generator`];
}

/** A current release that was withdrawn: whoever withdrew it did not get to the end. */
async function checkStanding(store: Store, { release }: Manifest): Promise<string[]> {
  const found = await store.head(releaseKey(release, WITHDRAWN));
  return found ? [`${WITHDRAWN}: the release was withdrawn, and the pointer still names it`] : [];
}

/** Files below the release that its manifest does not list, or why they cannot be listed. */
async function unlistedFiles(store: Store, manifest: Manifest): Promise<string[] | string> {
  const folder = releaseFolder(manifest.release);
  const known = new Set([...manifest.files.map(({ path }) => path), CLAIM, MANIFEST, WITHDRAWN]);
  try {
    const paths = (await store.list(folder)).map(({ key }) => key.slice(folder.length));
    return paths.filter((path) => !known.has(path)).map((path) => `${path}: not listed in ${MANIFEST}`);
  } catch (error) {
    if (error instanceof StoreError) return error.message;
    throw error;
  }
}
