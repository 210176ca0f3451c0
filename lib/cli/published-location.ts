// The DEST of the commands that change what was published: a folder or bucket that is there.
import { createAnnouncer } from '../aws/announcer.ts';
import type { Announcer } from '../catalogue/announce.ts';
import { readCurrent } from '../catalogue/pointer.ts';
import { ConfigurationError, readEnvironment } from '../environment/configuration.ts';
import { isS3 } from '../store/s3/address.ts';
import type { Store } from '../store/store.ts';
import { openSource } from './locations.ts';

export interface PublishedDataset {
  readonly store: Store;
  /** Where readers reach it, of which the feed's links are made; null makes them relative. */
  readonly publicUrl: string | null;
  /** Who is told of what changes, null for nobody. */
  readonly announcer: Announcer | null;
}

/** Opens a place that was published into. @throws {ConfigurationError} if it can only be read, or a variable is wrong */
export async function openPublished(to: string): Promise<PublishedDataset> {
  if (/^https?:\/\//i.test(to))
    throw new ConfigurationError(`${to}: a web address is read only; give the folder or bucket behind it`);
  const environment = readEnvironment();
  const store = isS3(to) ? await openWithItsVisibility(to) : openSource(to);
  return { store, publicUrl: environment.publicUrl, announcer: createAnnouncer(environment) };
}

/** Opens a bucket such that what is written goes on with the dataset's visibility, whatever this machine's setting. */
async function openWithItsVisibility(to: string): Promise<Store> {
  const { manifest } = await readCurrent(openSource(to));
  return openSource(to, manifest ? { visibility: manifest.visibility } : {});
}
