// Checks which release the pointer names, and chooses the one that it should name.
import { MANIFEST, releaseKey } from '../../release/layout.ts';
import type { Pointer } from '../../release/manifest.ts';
import type { ReleaseEntry } from '../../release/release-list.ts';
import { pointerTo } from '../pointer.ts';
import type { Survey, SurveyedRelease } from './survey.ts';

/** True if the pointer names no release, or one that is neither withdrawn nor pruned, with the hash of its manifest. */
export function isValidPointer(
  { release, manifest, manifest_sha256 }: Pointer,
  { releases }: Survey,
): boolean {
  if (release === null) return true;
  const named = releases.get(release);
  if (!named || named.withdrawn || named.isPruned) return false;
  return manifest === releaseKey(release, MANIFEST) && manifest_sha256 === named.manifestSha256;
}

/** Hints about which release is the newest. */
export interface PointerHints {
  readonly listed: readonly ReleaseEntry[];
  /** The release of `last_change` in `status.json`. */
  readonly lastChanged: string | null;
  readonly now: Date;
}

/**
 * The pointer to the newest release among those that are complete and not withdrawn. The newest release is the one in
 * `status.json`, else the first in the list, else the one that no other supersedes. Among several, the latest claim wins.
 */
export function choosePointer(
  { releases }: Survey,
  { listed, lastChanged, now }: PointerHints,
): Pointer | null {
  const complete = [...releases.values()].filter(
    ({ withdrawn, missing }) => withdrawn === null && missing.length === 0,
  );
  const superseded = new Set(complete.map(({ manifest }) => manifest.supersedes));
  const notSuperseded = complete.filter(({ release }) => !superseded.has(release));
  const byClaimTime = (a: SurveyedRelease, b: SurveyedRelease) =>
    a.manifest.created_at < b.manifest.created_at ? 1 : -1;
  const findById = (id: string | null | undefined) => complete.find(({ release }) => release === id);
  const firstListed = listed.map(({ release }) => findById(release)).find((found) => found !== undefined);
  const chosen = findById(lastChanged) ?? firstListed ?? notSuperseded.sort(byClaimTime)[0];
  if (!chosen) return null;
  const { published_at } = listed.find(({ release }) => release === chosen.release) ?? {};
  const at = published_at ? new Date(published_at) : new Date(chosen.manifest.created_at);
  return pointerTo(chosen.manifest, chosen.manifestBytes, Number.isNaN(at.getTime()) ? now : at);
}

/** The release with the latest claim, even if it is withdrawn or incomplete. */
export const newestClaimed = ({ releases }: Survey): SurveyedRelease | undefined =>
  [...releases.values()].sort((a, b) => (a.manifest.created_at < b.manifest.created_at ? 1 : -1))[0];
