// What the pointer should name, by the releases that lie there.

import { MANIFEST, releaseKey } from '../../release/layout.ts';
import type { Pointer } from '../../release/manifest.ts';
import type { ReleaseEntry } from '../../release/release-list.ts';
import { pointerTo } from '../pointer.ts';

import type { Survey, Surveyed } from './survey.ts';

/** Whether a pointer names what it may: a release that stands, by its manifest's hash, or none. */
export function isStanding({ release, manifest, manifest_sha256 }: Pointer, { releases }: Survey): boolean {
  if (release === null) return true;
  const named = releases.get(release);
  if (!named || named.withdrawn || named.isPruned) return false;
  return manifest === releaseKey(release, MANIFEST) && manifest_sha256 === named.sha256;
}

/** What tells which release is the newest. */
export interface Hints {
  readonly listed: readonly ReleaseEntry[];
  /** The release that the last run changed to. */
  readonly last: string | null;
  readonly now: Date;
}

/**
 * The pointer to the newest release that stands and is whole. Which is newest says the last run's status, else the list,
 * else what supersedes what, and between releases of which none does, the time of their claims.
 */
export function targetOf({ releases }: Survey, { listed, last, now }: Hints): Pointer | null {
  const whole = [...releases.values()].filter(
    ({ withdrawn, missing }) => withdrawn === null && missing.length === 0,
  );
  const below = new Set(whole.map(({ manifest }) => manifest.supersedes));
  const heads = whole.filter(({ release }) => !below.has(release));
  const claimed = (a: Surveyed, b: Surveyed) => (a.manifest.created_at < b.manifest.created_at ? 1 : -1);
  const byId = (id: string | null | undefined) => whole.find(({ release }) => release === id);
  const inList = listed.map(({ release }) => byId(release)).find((one) => one !== undefined);
  const chosen = byId(last) ?? inList ?? heads.sort(claimed)[0];
  if (!chosen) return null;
  const { published_at } = listed.find(({ release }) => release === chosen.release) ?? {};
  const at = published_at ? new Date(published_at) : new Date(chosen.manifest.created_at);
  return pointerTo(chosen.manifest, chosen.bytes, Number.isNaN(at.getTime()) ? now : at);
}

/** The release that was claimed last, also if it does not stand. */
export const newest = ({ releases }: Survey): Surveyed | undefined =>
  [...releases.values()].sort((a, b) => (a.manifest.created_at < b.manifest.created_at ? 1 : -1))[0];
