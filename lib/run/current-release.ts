import { readCurrent } from '../catalogue/pointer.ts';
import type { Manifest } from '../release/manifest.ts';
import type { Store } from '../store/store.ts';

/** What the pointer names, null where it names nothing. @throws {DamagedFileError} */
export const readCurrentManifest = async (store: Store): Promise<Manifest | null> =>
  (await readCurrent(store)).manifest;
