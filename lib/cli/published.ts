// The DEST of the commands that change what was published: a folder that is there.
import { ConfigurationError, readEnvironment } from '../config.ts';
import type { Store } from '../store/store.ts';
import { openSource } from './places.ts';

export interface Published {
  readonly store: Store;
  /** Where readers reach it, of which the feed's links are made; null makes them relative. */
  readonly publicUrl: string | null;
}

/** Opens a place that was published into. @throws {ConfigurationError} if it can only be read, or a variable is wrong */
export function openPublished(to: string): Published {
  if (/^https?:\/\//i.test(to))
    throw new ConfigurationError(`${to}: a web address is read only; give the folder behind it`);
  return { store: openSource(to), publicUrl: readEnvironment().publicUrl };
}
