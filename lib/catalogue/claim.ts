// A run claims a release id before it writes anything else. `claim.json` is create-only, so two runs never write below
// the same id. A resumed run finds its claim.
import { jsonBytes, sha256 } from '../release/digest.ts';
import {
  CLAIM,
  compareReleases,
  RELEASE_ID,
  RELEASES_FOLDER,
  releaseKey,
  WITHDRAWN,
} from '../release/layout.ts';
import { type Claim, readClaim } from '../release/manifest.ts';
import { type Store, StoreConflictError } from '../store/store.ts';

export interface ClaimedRelease {
  readonly release: string;
  readonly claim: Claim;
}

/** A resumed run looks for its claim in this many release folders, from the newest id on. */
const MAX_CLAIMS_READ = 20;

async function listReleaseIds(store: Store): Promise<string[]> {
  const folders = await store.listFolders(RELEASES_FOLDER);
  return folders.filter((name) => RELEASE_ID.test(name)).sort(compareReleases);
}

/**
 * Finds this run's newest claim that supersedes the same release. It skips withdrawn ids and ids with conflicting files.
 * It always reads the claims of `today`, because a fast clock may have made ids that sort after them.
 */
export async function findClaim(
  store: Store,
  { run, supersedes, today }: Pick<Claim, 'run' | 'supersedes'> & { readonly today: string },
  conflictingIds: ReadonlySet<string>,
): Promise<ClaimedRelease | null> {
  const ids = await listReleaseIds(store);
  const candidates = ids.filter(
    (id, index) => index >= ids.length - MAX_CLAIMS_READ || id.startsWith(`${today}.`),
  );
  for (const release of candidates.reverse()) {
    const found = conflictingIds.has(release) ? null : await store.get(releaseKey(release, CLAIM));
    if (!found || (await store.head(releaseKey(release, WITHDRAWN)))) continue;
    const claim = readClaim(releaseKey(release, CLAIM), found.body);
    if (claim.run === run && claim.supersedes === supersedes) return { release, claim };
  }
  return null;
}

/** Claims the next free id on the date of the claim. */
export async function claimRelease(store: Store, claim: Claim): Promise<ClaimedRelease> {
  const date = claim.created_at.slice(0, 10);
  const taken = (await listReleaseIds(store)).filter((id) => id.startsWith(`${date}.`));
  for (let counter = Number(taken.at(-1)?.split('.')[1] ?? 0) + 1; ; counter++) {
    const release = `${date}.${counter}`;
    try {
      await store.put(releaseKey(release, CLAIM), jsonBytes(claim), 'absent');
      return { release, claim };
    } catch (error) {
      if (!(error instanceof StoreConflictError)) throw error;
    }
  }
}

/** A file of this release exists with other bytes. The run takes a new id and overwrites nothing. */
export class ReleaseConflictError extends Error {
  override readonly name = 'ReleaseConflictError';
  readonly release: string;
  constructor(release: string, path: string) {
    super(`release ${release}: ${path} exists with other bytes`);
    this.release = release;
  }
}

/**
 * Writes a release's file, unless it exists already. `sameAs` is the key of an object with the same bytes, if there is one.
 * @throws {ReleaseConflictError} if it exists with other bytes
 */
export async function putOnce(
  store: Store,
  release: string,
  { path, body, sameAs }: { path: string; body: Uint8Array; sameAs?: string | undefined },
): Promise<void> {
  const key = releaseKey(release, path);
  try {
    await store.put(key, body, 'absent', sameAs);
  } catch (error) {
    if (!(error instanceof StoreConflictError)) throw error;
    const found = await store.get(key);
    if (!found || sha256(found.body) !== sha256(body)) throw new ReleaseConflictError(release, path);
  }
}
