// Verifies a release with published information only: pointer, manifest, claim and every listed file. A file that the
// manifest does not list is a problem too.
import { getAtMost, readListedFile } from '../catalogue/bounded-read.ts';
import { type CurrentState, readCurrent } from '../catalogue/pointer.ts';
import { nothingPublishedMessage } from '../catalogue/prefix.ts';
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
  claimOf,
  DamagedFileError,
  hasNewerSchema,
  hasOlderFormat,
  type Manifest,
  type ManifestFile,
  readManifest,
} from '../release/manifest.ts';
import { findManifestProblems } from '../release/manifest-problems.ts';
import { hasExpired, type ReleaseEntry } from '../release/release-list.ts';
import { type Store, StoreError } from '../store/store.ts';
import { checkFile } from './check-file.ts';
import { findFileSchemaProblems, findSchemaProblems, RELEASE_SCHEMAS, ROOT_SCHEMAS } from './json-schemas.ts';

/** Bytes read of a list or an earlier manifest. A list grows by less than 1 KB with each release. */
const LIST_BYTES = 1 << 26;

export interface VerifyResult {
  readonly release: string | null;
  readonly files: number;
  readonly bytes: number;
  readonly problems: readonly string[];
  /** Why unlisted files could not be searched for; null if they were. */
  readonly unlistable: string | null;
}

const EMPTY_RESULT = { release: null, files: 0, bytes: 0, unlistable: null };

/** Checks the current release file by file. Calls `onFile` with each path before it is checked. */
export async function verifyRelease(
  store: Store,
  onFile: (path: string) => void = () => {},
): Promise<VerifyResult> {
  let current: CurrentState;
  try {
    current = await readCurrent(store);
  } catch (error) {
    if (error instanceof DamagedFileError) return { ...EMPTY_RESULT, problems: [error.message] };
    throw error;
  }
  const { manifest } = current;
  if (!manifest) return { ...EMPTY_RESULT, problems: [await nothingPublishedMessage(store)] };
  const manifestProblems = findManifestProblems(manifest, current.pointer?.release ?? '');
  if (manifestProblems.length > 0) return { ...EMPTY_RESULT, problems: manifestProblems };
  const rootProblems = [
    ...(await checkRootSchemas(store, current)),
    ...(await checkNotWithdrawn(store, manifest)),
  ];
  const result = await verifyFiles(store, manifest, onFile);
  return { ...result, problems: [...rootProblems, ...result.problems] };
}

/** Checks claim and files of a release whose manifest was read, and that its folder holds no other file. */
async function verifyFiles(
  store: Store,
  manifest: Manifest,
  onFile: (path: string) => void,
): Promise<VerifyResult> {
  const problems = await checkClaim(store, manifest);
  for (const entry of manifest.files) {
    onFile(entry.path);
    problems.push(...(await checkListedFile(store, manifest, entry)));
  }
  const unlisted = await unlistedFiles(store, manifest);
  if (Array.isArray(unlisted)) problems.push(...unlisted);
  return {
    release: manifest.release,
    files: manifest.files.length,
    bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
    problems,
    unlistable: Array.isArray(unlisted) ? null : unlisted,
  };
}

/** The result for all releases together. */
export interface VerifyAllResult extends VerifyResult {
  /** Number of releases in the list. */
  readonly releases: number;
}

/**
 * Checks the current release and every other listed one. Of a withdrawn or expired release it checks the manifest and
 * the withdrawal only, and that a withdrawn one has no files left.
 */
export async function verifyAll(
  store: Store,
  now: Date,
  onFile: (path: string) => void = () => {},
): Promise<VerifyAllResult> {
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
    const result = await verifyListedRelease(store, entry, { now, onFile });
    files += result.files;
    bytes += result.bytes;
    problems.push(...result.problems.map((problem) => `${releaseFolder(entry.release)}${problem}`));
  }
  return { ...current, releases: listed.length, files, bytes, problems };
}

async function verifyListedRelease(
  store: Store,
  { release, status, expires_at, manifest_sha256 }: ReleaseEntry,
  { now, onFile }: { now: Date; onFile: (path: string) => void },
): Promise<VerifyResult> {
  const found = await getAtMost(store, releaseKey(release, MANIFEST), LIST_BYTES);
  if (!found) return { ...EMPTY_RESULT, problems: [`${MANIFEST}: missing, though ${RELEASES} lists it`] };
  const hash = sha256(found.body);
  if (hash !== manifest_sha256)
    return { ...EMPTY_RESULT, problems: [`${MANIFEST}: expected SHA-256 ${manifest_sha256}, found ${hash}`] };
  const manifest = readManifest(releaseKey(release, MANIFEST), found.body);
  const manifestProblems = findManifestProblems(manifest, release);
  if (manifestProblems.length > 0) return { ...EMPTY_RESULT, problems: manifestProblems };
  const isWithdrawn = (await store.head(releaseKey(release, WITHDRAWN))) !== null;
  if (isWithdrawn !== (status === 'withdrawn'))
    return {
      ...EMPTY_RESULT,
      problems: [`${WITHDRAWN}: ${isWithdrawn ? 'is there' : 'missing'}, and ${RELEASES} says ${status}`],
    };
  if (isWithdrawn) return { ...EMPTY_RESULT, problems: await leftoverFiles(store, manifest) };
  return hasExpired(expires_at, now)
    ? { ...EMPTY_RESULT, problems: [] }
    : verifyFiles(store, manifest, onFile);
}

/** Reports files of a withdrawn release that should have been deleted. */
async function leftoverFiles(store: Store, { release, files }: Manifest): Promise<string[]> {
  const problems: string[] = [];
  for (const { path } of files)
    if (await store.head(releaseKey(release, path)))
      problems.push(`${path}: still there, though the release was withdrawn`);
  return problems;
}

/** Checks the schemas of the pointer, its manifest, and the list and status if they exist. */
async function checkRootSchemas(store: Store, { pointer, manifest }: CurrentState): Promise<string[]> {
  const options = schemaOptions(manifest as Manifest);
  const lists = ([RELEASES, STATUS] as const).map(async (key) => {
    const found = await getAtMost(store, key, LIST_BYTES);
    return found ? prefixProblems(key, findFileSchemaProblems(ROOT_SCHEMAS[key], found.body, options)) : [];
  });
  return [
    ...prefixProblems(LATEST, findSchemaProblems('latest', pointer, options)),
    ...prefixProblems(MANIFEST, findSchemaProblems('manifest', manifest, options)),
    ...(await Promise.all(lists)).flat(),
  ];
}

/** Checks one listed file: bytes, rows and columns, and its JSON Schema if it has one. */
async function checkListedFile(store: Store, manifest: Manifest, entry: ManifestFile): Promise<string[]> {
  const body = await readListedFile(store, manifest.release, entry);
  const { problems } = await checkFile(entry, body, manifest);
  const schema = RELEASE_SCHEMAS.get(entry.path);
  if (problems.length > 0 || !schema || !body) return [...problems];
  return prefixProblems(entry.path, findFileSchemaProblems(schema, body, schemaOptions(manifest)));
}

/** A release of a newer version may have more keys, one of an older version fewer. */
const schemaOptions = (manifest: Manifest) => ({
  allowUnknownKeys: hasNewerSchema(manifest),
  allowMissingKeys: hasOlderFormat(manifest),
});

const prefixProblems = (path: string, problems: readonly string[]): string[] =>
  problems.map((problem) => `${path}: ${problem}`);

/** Checks that the claim has the values of the manifest. The manifest does not list the claim file. */
async function checkClaim(store: Store, manifest: Manifest): Promise<string[]> {
  const claim = jsonBytes(claimOf(manifest));
  const body = await readListedFile(store, manifest.release, { path: CLAIM, bytes: claim.length });
  if (!body) return [`${CLAIM}: missing`];
  return Buffer.from(claim).equals(body)
    ? []
    : [`${CLAIM}: differs from what ${MANIFEST} says of run, created_at, supersedes and generator`];
}

/** Checks that the current release is not withdrawn: a withdrawal that was killed may have left the pointer there. */
async function checkNotWithdrawn(store: Store, { release }: Manifest): Promise<string[]> {
  const found = await store.head(releaseKey(release, WITHDRAWN));
  return found ? [`${WITHDRAWN}: the release was withdrawn, and the pointer still names it`] : [];
}

/** Reports files of the release's folder that the manifest does not list. A string says why the store cannot list them. */
async function unlistedFiles(store: Store, manifest: Manifest): Promise<string[] | string> {
  const folder = releaseFolder(manifest.release);
  const listed = new Set([...manifest.files.map(({ path }) => path), CLAIM, MANIFEST, WITHDRAWN]);
  try {
    const paths = (await store.list(folder)).map(({ key }) => key.slice(folder.length));
    return paths.filter((path) => !listed.has(path)).map((path) => `${path}: not listed in ${MANIFEST}`);
  } catch (error) {
    if (error instanceof StoreError) return error.message;
    throw error;
  }
}
