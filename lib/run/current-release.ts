import { readCurrent } from '../catalogue/pointer.ts';
import type { Manifest } from '../release/manifest.ts';
import type { Store } from '../store/store.ts';

/** Reads the manifest of the current release; null if there is none. @throws {DamagedFileError} */
export const readCurrentManifest = async (store: Store): Promise<Manifest | null> =>
  (await readCurrent(store)).manifest;
