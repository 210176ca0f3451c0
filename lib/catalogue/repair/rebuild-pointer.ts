// What the pointer should name, by the releases that lie there.

import { MANIFEST, releaseKey } from '../../release/layout.ts';
import type { Pointer } from '../../release/manifest.ts';
import type { ReleaseEntry } from '../../release/release-list.ts';
import { pointerTo } from '../pointer.ts';

import type { Survey, SurveyedRelease } from './survey.ts';

/** Whether a pointer names what it may: a release that stands, by its manifest's hash, or none. */
export function isValidPointer(
  { release, manifest, manifest_sha256 }: Pointer,
  { releases }: Survey,
): boolean {
  if (release === null) return true;
  const named = releases.get(release);
  if (!named || named.withdrawn || named.isPruned) return false;
  return manifest === releaseKey(release, MANIFEST) && manifest_sha256 === named.manifestSha256;
}

/** What tells which release is the newest. */
export interface PointerHints {
  readonly listed: readonly ReleaseEntry[];
  /** The release that the last run changed to. */
  readonly lastChanged: string | null;
  readonly now: Date;
}

/**
 * The pointer to the newest release that stands and is whole. Which is newest says the last run's status, else the list,
 * else what supersedes what, and between releases of which none does, the time of their claims.
 */
export function choosePointer(
  { releases }: Survey,
  { listed, lastChanged, now }: PointerHints,
): Pointer | null {
  const whole = [...releases.values()].filter(
    ({ withdrawn, missing }) => withdrawn === null && missing.length === 0,
  );
  const superseded = new Set(whole.map(({ manifest }) => manifest.supersedes));
  const heads = whole.filter(({ release }) => !superseded.has(release));
  const byClaimTime = (a: SurveyedRelease, b: SurveyedRelease) =>
    a.manifest.created_at < b.manifest.created_at ? 1 : -1;
  const byId = (id: string | null | undefined) => whole.find(({ release }) => release === id);
  const inList = listed.map(({ release }) => byId(release)).find((one) => one !== undefined);
  const chosen = byId(lastChanged) ?? inList ?? heads.sort(byClaimTime)[0];
  if (!chosen) return null;
  const { published_at } = listed.find(({ release }) => release === chosen.release) ?? {};
  const at = published_at ? new Date(published_at) : new Date(chosen.manifest.created_at);
  return pointerTo(chosen.manifest, chosen.manifestBytes, Number.isNaN(at.getTime()) ? now : at);
}

/** The release that was claimed last, also if it does not stand. */
export const newestClaimed = ({ releases }: Survey): SurveyedRelease | undefined =>
  [...releases.values()].sort((a, b) => (a.manifest.created_at < b.manifest.created_at ? 1 : -1))[0];
