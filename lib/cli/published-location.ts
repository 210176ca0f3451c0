// Opens the DEST of the commands that change a published dataset: an existing folder or bucket.
import { createAnnouncer } from '../aws/announcer.ts';
import { createEdge } from '../aws/edge.ts';
import type { Announcer } from '../catalogue/announce.ts';
import { readCurrent } from '../catalogue/pointer.ts';
import { ConfigurationError, readEnvironment } from '../environment/configuration.ts';
import type { Edge } from '../retire/edge.ts';
import { isS3 } from '../store/s3/address.ts';
import type { Store } from '../store/store.ts';
import { openSource } from './locations.ts';

export interface PublishedDataset {
  readonly store: Store;
  /** The public address of the dataset, for the links in the feed. Null makes them relative. */
  readonly publicUrl: string | null;
  /** Sends events about changes; null if none is set up. */
  readonly announcer: Announcer | null;
  /** Empties the shared caches in front of the dataset; null if none is set up. */
  readonly edge: Edge | null;
}

/** Opens a published dataset for writing. @throws {ConfigurationError} if it is read only, or a variable is wrong */
export async function openPublished(to: string): Promise<PublishedDataset> {
  if (/^https?:\/\//i.test(to))
    throw new ConfigurationError(`${to}: a web address is read only; give the folder or bucket behind it`);
  const environment = readEnvironment();
  const store = isS3(to) ? await openWithItsVisibility(to) : openSource(to);
  return {
    store,
    publicUrl: environment.publicUrl,
    announcer: createAnnouncer(environment),
    edge: createEdge(environment),
  };
}

/** Opens a bucket with the visibility of the published dataset. The setting of this machine is ignored. */
async function openWithItsVisibility(to: string): Promise<Store> {
  const { manifest } = await readCurrent(openSource(to));
  return openSource(to, manifest ? { visibility: manifest.visibility } : {});
}
