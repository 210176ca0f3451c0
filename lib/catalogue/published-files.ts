// Takes files from a published release into a new one. Their bytes are checked on the way, so a damaged file is not taken.
import type { BuiltFile } from '../make/built-file.ts';
import { sha256 } from '../release/digest.ts';
import { releaseKey } from '../release/layout.ts';
import type { Manifest } from '../release/manifest.ts';
import type { Store } from '../store/store.ts';
import { readListedFile } from './bounded-read.ts';

/** Takes the file with this path below the release. Null if the release has none, or if its bytes are not as listed. */
export type FileTaker = (path: string) => Promise<BuiltFile | null>;

/** Creates a function that takes files from a release. */
export function createFileTaker(store: Store, { release, files }: Manifest): FileTaker {
  const entries = new Map(files.map((entry) => [entry.path, entry]));
  return async (path) => {
    const entry = entries.get(path);
    const body = entry ? await readListedFile(store, release, entry) : null;
    if (!entry || !body || body.length !== entry.bytes || sha256(body) !== entry.sha256) return null;
    return { entry, body, statistics: null, sameAs: releaseKey(release, path) };
  };
}
