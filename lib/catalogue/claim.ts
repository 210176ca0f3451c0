// A release's id is claimed before anything else is written: `claim.json` is create-only, so two runs never write
// below one id, and a resumed run finds what it has claimed.

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

/** How many of the release folders that are newest by their ids may hold the claim of a run that is resumed. */
const MAX_CLAIMS_READ = 20;

async function listReleaseIds(store: Store): Promise<string[]> {
  const folders = await store.listFolders(RELEASES_FOLDER);
  return folders.filter((name) => RELEASE_ID.test(name)).sort(compareReleases);
}

/**
 * This run's newest claim on top of the same release, unless it was found spoilt or was withdrawn. Those of `today` are
 * looked at, too: ids that a clock ahead has made are newer than all of them.
 */
export async function findClaim(
  store: Store,
  { run, supersedes, today }: Pick<Claim, 'run' | 'supersedes'> & { readonly today: string },
  conflictingIds: ReadonlySet<string>,
): Promise<ClaimedRelease | null> {
  const ids = await listReleaseIds(store);
  const candidates = ids.filter((id, at) => at >= ids.length - MAX_CLAIMS_READ || id.startsWith(`${today}.`));
  for (const release of candidates.reverse()) {
    const found = conflictingIds.has(release) ? null : await store.get(releaseKey(release, CLAIM));
    if (!found || (await store.head(releaseKey(release, WITHDRAWN)))) continue;
    const claim = readClaim(releaseKey(release, CLAIM), found.body);
    if (claim.run === run && claim.supersedes === supersedes) return { release, claim };
  }
  return null;
}

/** Claims the next free id of the claim's day. */
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

/** Other bytes lie where a resumed run would write: that id is given up, nothing is overwritten. */
export class ReleaseConflictError extends Error {
  override readonly name = 'SpoiltReleaseError';
  readonly release: string;
  constructor(release: string, path: string) {
    super(`release ${release}: ${path} exists with other bytes`);
    this.release = release;
  }
}

/** Writes a release's file unless the same bytes lie there. @throws {ReleaseConflictError} if others do */
export async function putOnce(
  store: Store,
  release: string,
  { path, body }: { path: string; body: Uint8Array },
): Promise<void> {
  const key = releaseKey(release, path);
  try {
    await store.put(key, body, 'absent');
  } catch (error) {
    if (!(error instanceof StoreConflictError)) throw error;
    const found = await store.get(key);
    if (!found || sha256(found.body) !== sha256(body)) throw new ReleaseConflictError(release, path);
  }
}
