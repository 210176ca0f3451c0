// What of a release may go, and when it counts as going.

import pMap from 'p-map';
import { RELEASES } from '../release/layout.ts';
import type { ReleaseEntry } from '../release/release-list.ts';
import type { ObjectMetadata, Store } from '../store/store.ts';

/** Objects deleted at once. */
const DELETED_AT_ONCE = 8;

/** Milliseconds before it expires from which a release counts as gone, since clocks differ. */
const EXPIRY_MARGIN = 60 * 60 * 1000;

/** Whether its data files are gone, or may be within the hour: nothing may lead there any more. */
export const isExpiringSoon = ({ expires_at }: ReleaseEntry, now: Date): boolean =>
  expires_at !== null && Date.parse(expires_at) <= now.getTime() + EXPIRY_MARGIN;

/** Deletes objects; the store forgets every version of them. What the list says of them outlives a loss of power first. */
export async function deleteObjects(store: Store, entries: readonly ObjectMetadata[]): Promise<void> {
  await store.sync(RELEASES);
  await pMap(entries, ({ key }) => store.delete(key), { concurrency: DELETED_AT_ONCE });
}

export const totalBytes = (entries: readonly ObjectMetadata[]): number =>
  entries.reduce((sum, { bytes }) => sum + bytes, 0);
