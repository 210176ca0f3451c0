import { fileURLToPath } from 'node:url';
import { folderStore } from './folder.ts';
import { webStore } from './https.ts';
import { type Store, StoreError } from './store.ts';

/**
 * The store that a person means: a folder's path or `file://` URL, or a web address (read only).
 * @throws {StoreError} if the source is empty, or of a kind that is not supported
 */
export function openStore(source: string): Store {
  if (source.trim() === '') throw new StoreError('', 'no place given: use a folder or an https:// address');
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(source)?.[1]?.toLowerCase();
  if (scheme === undefined) return folderStore(source);
  if (scheme === 'https' || scheme === 'http') return webStore(source);
  if (scheme === 'file') return folderStore(pathOf(source));
  if (scheme === 's3') throw new StoreError('', `${source}: s3:// is not supported yet: use a folder`);
  throw new StoreError('', `${source}: ${scheme}:// is not supported: use a folder or an https:// address`);
}

/** The path in a `file://` URL of this machine. */
function pathOf(source: string): string {
  try {
    return fileURLToPath(source);
  } catch (cause) {
    throw new StoreError('', `${source}: not a file:// address of this machine: give the folder's path`, {
      cause,
    });
  }
}
