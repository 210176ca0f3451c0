// All releases that lie in a prefix, as they are: what the list and the pointer can be made from again.
import pMap from 'p-map';
import { string, type } from 'superstruct';
import { sha256 } from '../../release/digest.ts';
import {
  CHANGES_FOLDER,
  CLAIM,
  compareReleases,
  MANIFEST,
  RELEASE_ID,
  RELEASES_FOLDER,
  releaseFolder,
  releaseKey,
  WITHDRAWN,
} from '../../release/layout.ts';
import {
  DamagedFileError,
  type Manifest,
  nullIfDamaged,
  parseStruct,
  readManifest,
} from '../../release/manifest.ts';
import type { Store } from '../../store/store.ts';
import { readReleaseManifest } from '../pointer.ts';

/** `withdrawn.json`: why a release was taken back, and when. */
const withdrawal = type({ reason: string(), date: string() });

/** A release with a manifest, as it lies there. */
export interface SurveyedRelease {
  readonly release: string;
  readonly manifest: Manifest;
  /** The manifest's bytes. */
  readonly manifestBytes: Uint8Array;
  readonly manifestSha256: string;
  readonly withdrawn: { readonly reason: string; readonly date: string } | null;
  /** Listed files that are missing, or of another size. */
  readonly missing: readonly string[];
  /** All its data files are gone, and only record and changes are left: the retention rule let it go. */
  readonly isPruned: boolean;
}

/** What lies in a prefix: releases by id, and what is wrong with those that cannot be read. */
export interface Survey {
  readonly releases: ReadonlyMap<string, SurveyedRelease>;
  readonly unreadable: ReadonlyMap<string, string>;
}

/** Releases being looked at at once. */
const RELEASES_AT_ONCE = 4;

/** Looks at every release of a prefix: manifests are read, files are compared by size. */
export async function surveyPrefix(store: Store): Promise<Survey> {
  const releases = new Map<string, SurveyedRelease>();
  const unreadable = new Map<string, string>();
  const ids = (await store.listFolders(RELEASES_FOLDER)).filter((name) => RELEASE_ID.test(name));
  const surveyOne = async (release: string): Promise<void> => {
    try {
      const found = await surveyRelease(store, release);
      if (found) releases.set(release, found);
    } catch (error) {
      if (!(error instanceof DamagedFileError)) throw error;
      unreadable.set(release, error.message);
    }
  };
  await pMap(ids.sort(compareReleases), surveyOne, { concurrency: RELEASES_AT_ONCE });
  return { releases, unreadable };
}

/** A release, null if it has no manifest: it was never whole. @throws {DamagedFileError} */
async function surveyRelease(store: Store, release: string): Promise<SurveyedRelease | null> {
  const key = releaseKey(release, MANIFEST);
  const found = await store.get(key);
  if (!found) return null;
  const manifest = readManifest(key, found.body);
  if (manifest.release !== release)
    throw new DamagedFileError(key, `release: expected ${release}, found ${manifest.release}`);
  const sizes = await sizesOf(store, release);
  const missing = missingFrom(manifest, sizes);
  const isData = (path: string): boolean =>
    ![CLAIM, MANIFEST, WITHDRAWN].includes(path) && !path.startsWith(CHANGES_FOLDER);
  return {
    release,
    manifest,
    manifestBytes: found.body,
    manifestSha256: sha256(found.body),
    withdrawn: await readWithdrawal(store, release),
    missing,
    isPruned: missing.length > 0 && ![...sizes.keys()].some(isData),
  };
}

/** Bytes of every file below a release's folder, by path. */
async function sizesOf(store: Store, release: string): Promise<ReadonlyMap<string, number>> {
  const folder = releaseFolder(release);
  const entries = await store.list(folder);
  return new Map(entries.map(({ key, bytes }) => [key.slice(folder.length), bytes]));
}

const missingFrom = ({ files }: Manifest, sizes: ReadonlyMap<string, number>): string[] =>
  files.filter(({ path, bytes }) => sizes.get(path) !== bytes).map(({ path }) => path);

/** Files that a manifest lists and that are missing, or of another size: a look, not a check of their bytes. */
export const missingFiles = async (store: Store, manifest: Manifest): Promise<string[]> =>
  missingFrom(manifest, await sizesOf(store, manifest.release));

/** Why a release was taken back; null if it was not. @throws {DamagedFileError} */
export async function readWithdrawal(store: Store, release: string): Promise<SurveyedRelease['withdrawn']> {
  const key = releaseKey(release, WITHDRAWN);
  const found = await store.get(key);
  if (!found) return null;
  const { reason, date } = parseStruct(key, found.body, withdrawal);
  return { reason, date };
}

/** For whom what is published is, by the newest release that can be read; private where there is none. */
export async function readVisibility(store: Store): Promise<'private' | 'public'> {
  const ids = (await store.listFolders(RELEASES_FOLDER)).filter((name) => RELEASE_ID.test(name));
  for (const release of ids.sort(compareReleases).reverse()) {
    const manifest = await nullIfDamaged(readReleaseManifest(store, release));
    if (manifest) return manifest.visibility;
  }
  return 'private';
}
