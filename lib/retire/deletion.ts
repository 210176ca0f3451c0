// Deletes objects of a release, and tells if a release is about to expire.
import pMap from 'p-map';
import { RELEASES } from '../release/layout.ts';
import type { ReleaseEntry } from '../release/release-list.ts';
import type { ObjectMetadata, Store } from '../store/store.ts';

/** Objects deleted at once. */
const DELETED_AT_ONCE = 8;

/** Milliseconds before its expiry at which a release already counts as gone, because clocks differ. */
const EXPIRY_MARGIN = 60 * 60 * 1000;

/** Whether the data files are gone or may go within the hour. The pointer must not move to such a release. */
export const isExpiringSoon = ({ expires_at }: ReleaseEntry, now: Date): boolean =>
  expires_at !== null && Date.parse(expires_at) <= now.getTime() + EXPIRY_MARGIN;

/** Syncs `releases.json` to disk, then deletes the objects with all their versions. */
export async function deleteObjects(store: Store, entries: readonly ObjectMetadata[]): Promise<void> {
  await store.sync(RELEASES);
  await pMap(entries, ({ key }) => store.delete(key), { concurrency: DELETED_AT_ONCE });
}

export const totalBytes = (entries: readonly ObjectMetadata[]): number =>
  entries.reduce((sum, { bytes }) => sum + bytes, 0);
