// Surveys the releases in a prefix, as they are stored. The list and the pointer can be rebuilt from the result.
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

/** A release with a manifest, as it is stored. */
export interface SurveyedRelease {
  readonly release: string;
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  readonly manifestSha256: string;
  readonly withdrawn: { readonly reason: string; readonly date: string } | null;
  /** Listed files that are missing or have another size. */
  readonly missing: readonly string[];
  /** True if `prune` removed the data files: only the record and the changes are left. */
  readonly isPruned: boolean;
}

/** The releases in a prefix by id, and for each unreadable one the reason. */
export interface Survey {
  readonly releases: ReadonlyMap<string, SurveyedRelease>;
  readonly unreadable: ReadonlyMap<string, string>;
}

/** Releases that are surveyed at the same time. */
const SURVEY_CONCURRENCY = 4;

/** Surveys every release in a prefix: reads the manifests, and compares the other files by size. */
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
  await pMap(ids.sort(compareReleases), surveyOne, { concurrency: SURVEY_CONCURRENCY });
  return { releases, unreadable };
}

/** A release; null if it has no manifest, so it was never complete. @throws {DamagedFileError} */
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

/** The size in bytes of every file below a release's folder, by path. */
async function sizesOf(store: Store, release: string): Promise<ReadonlyMap<string, number>> {
  const folder = releaseFolder(release);
  const entries = await store.list(folder);
  return new Map(entries.map(({ key, bytes }) => [key.slice(folder.length), bytes]));
}

const missingFrom = ({ files }: Manifest, sizes: ReadonlyMap<string, number>): string[] =>
  files.filter(({ path, bytes }) => sizes.get(path) !== bytes).map(({ path }) => path);

/** Files that a manifest lists and that are missing or have another size. Their content is not checked. */
export const missingFiles = async (store: Store, manifest: Manifest): Promise<string[]> =>
  missingFrom(manifest, await sizesOf(store, manifest.release));

/** The reason and date of a withdrawal; null if the release was not withdrawn. @throws {DamagedFileError} */
export async function readWithdrawal(store: Store, release: string): Promise<SurveyedRelease['withdrawn']> {
  const key = releaseKey(release, WITHDRAWN);
  const found = await store.get(key);
  if (!found) return null;
  const { reason, date } = parseStruct(key, found.body, withdrawal);
  return { reason, date };
}

/** The visibility of the newest release that can be read; `private` if there is none. */
export async function readVisibility(store: Store): Promise<'private' | 'public'> {
  const ids = (await store.listFolders(RELEASES_FOLDER)).filter((name) => RELEASE_ID.test(name));
  for (const release of ids.sort(compareReleases).reverse()) {
    const manifest = await nullIfDamaged(readReleaseManifest(store, release));
    if (manifest) return manifest.visibility;
  }
  return 'private';
}
