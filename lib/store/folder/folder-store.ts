// A folder as a store. A write goes to a temporary file first, and is synced. Then the file gets its final name in one
// step: by a hard link, which fails if the name exists (create-only), or by a rename under the lock (compare-and-swap).
// So a killed process never leaves half a file under a final name. Names are durable after the next `sync`.
// An object with the bytes of another one (`sameAs`) gets a hard link to its file in place of a temporary file. Those
// bytes were synced when the first of the two was written.
// Calls that only touch the system's memory are synchronous, because promises cost eight times the CPU. Only waits for
// the disk or for other processes are awaited.
// This store uses `.tmp/` and `.lock` for itself and never lists them. Only their owner can read files below `runs/`.
import { linkSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { checkKey, checkPrefix, compareKeys, isKey, isRunKey } from '../key.ts';
import { type ObjectMetadata, type Precondition, type Store, StoreConflictError } from '../store.ts';
import { type FileStat, readContent, statFile } from './file-content.ts';
import { codeOf, errorAtPath, fileStoreError } from './file-errors.ts';
import { withLock } from './lock.ts';
import { checkLock } from './lock-check.ts';
import {
  createFolderCache,
  type FolderCache,
  filesBelow,
  findFolder,
  foldersToSync,
  lstatOrNull,
  nullIfMissing,
} from './paths.ts';
import { syncFolders } from './sync-folders.ts';
import { removeStale, withTemporaryFile, withTemporaryLink } from './temporary-files.ts';

/** Options for tests: the longest wait for the lock in milliseconds, and the function that makes a hard link. */
export interface FolderOptions {
  readonly lockWait?: number;
  readonly link?: (from: string, to: string) => Promise<void>;
}

/** An open folder store: its root, its known folders and its options. */
interface Folder extends Required<FolderOptions> {
  readonly root: string;
  readonly folders: FolderCache;
}

/** Error codes of a file system without hard links. */
const LINKS_UNSUPPORTED = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** Attempts to move a file into place while other processes remove its empty folder. */
const MAX_ATTEMPTS = 20;

/** Creates a store in a folder. The first write creates the folder if it is missing. */
export function folderStore(path: string, options: FolderOptions = {}): Store {
  const root = resolve(path);
  const cache = createFolderCache(root);
  const folder: Folder = {
    root,
    folders: cache,
    lockWait: 30_000,
    link: async (from, to) => linkSync(from, to),
    ...options,
  };
  let hasRemovedStale = false;

  /** Checks the key, does the work, and turns errors of the file system into a StoreError. */
  async function guarded<T>(key: string, check: (key: string) => void, work: () => Promise<T>): Promise<T> {
    check(key);
    try {
      return await work();
    } catch (error) {
      throw fileStoreError(key, join(root, key), error);
    }
  }

  async function put(
    key: string,
    body: Uint8Array,
    precondition: Precondition,
    sameAs?: string,
  ): Promise<string> {
    const temporaries = cache.ensureFolder('.tmp');
    if (!hasRemovedStale) removeStale(temporaries);
    hasRemovedStale = true;
    const move = async (temporary: string, etag: string): Promise<string> => {
      await moveIntoPlace(folder, temporary, key, precondition);
      return etag;
    };
    const source = sameAs === undefined ? null : linkSource(cache, key, sameAs);
    const linked =
      source && (await withTemporaryLink(temporaries, { source, body, link: folder.link }, move));
    if (linked !== null) return linked;
    const isPrivate = isRunKey(key);
    const isDurable = precondition !== 'anything' || !isPrivate;
    return withTemporaryFile(temporaries, { body, isDurable, isPrivate }, move);
  }

  return {
    location: path,
    get: (key, range) =>
      guarded(key, checkKey, async () => {
        const file = cache.filePath(key);
        return file === null ? null : readContent(file, range);
      }),
    getIfChanged: (key, etag, range) =>
      guarded(key, checkKey, async () => {
        const file = cache.filePath(key);
        const found = file === null ? null : readContent(file, range);
        return found?.etag === etag ? 'unchanged' : found;
      }),
    head: (key) =>
      guarded(key, checkKey, async () => {
        const file = cache.filePath(key);
        return file === null ? null : metadataOf(key, statFile(file));
      }),
    put: (key, body, precondition, sameAs) =>
      guarded(key, checkKey, () => put(key, body, precondition, sameAs)),
    list: (prefix) => guarded(prefix, checkPrefix, async () => list(root, prefix)),
    listFolders: (prefix) => guarded(prefix, checkPrefix, async () => listFolders(root, prefix)),
    delete: (key) => guarded(key, checkKey, async () => remove(folder, key)),
    sync: (keyOrPrefix) => {
      const isPrefix = keyOrPrefix === '' || keyOrPrefix.endsWith('/');
      const folderKey = isPrefix ? keyOrPrefix.slice(0, -1) || '.' : dirname(keyOrPrefix);
      const work = () => syncFolders(foldersToSync(root, folderKey, { below: isPrefix }));
      return guarded(keyOrPrefix, isPrefix ? checkPrefix : checkKey, work);
    },
    checkPreconditions: () =>
      guarded('', checkPrefix, async () => {
        cache.ensureFolder('.');
        await withFolderLock(folder, checkLock);
      }),
  };
}

function metadataOf(key: string, stat: FileStat | null): ObjectMetadata | null {
  return stat && { key, ...stat };
}

/** The error of a write whose precondition does not hold. */
function conflictError(key: string, precondition: Precondition): StoreConflictError {
  return new StoreConflictError(
    key,
    typeof precondition === 'string' ? 'nothing there' : `version ${precondition.etag}`,
  );
}

/** The file to link for a key; null if there is none. A file below `runs/` is private, so it never gets a second name. */
const linkSource = (folders: FolderCache, key: string, sameAs: string): string | null =>
  isKey(sameAs) && !isRunKey(key) && !isRunKey(sameAs) ? folders.filePath(sameAs) : null;

/** Gives a temporary file its final name. Tries again if another process removed the target folder meanwhile. */
async function moveIntoPlace(
  folder: Folder,
  temporary: string,
  key: string,
  precondition: Precondition,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const target = join(folder.folders.ensureFolder(dirname(key)), basename(key));
      if (precondition === 'anything') return renameSync(temporary, target);
      if (precondition === 'absent') return await linkIfAbsent(folder, temporary, target, key);
      return await replaceIfUnchanged(folder, temporary, target, key, precondition);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || attempt === MAX_ATTEMPTS) throw error;
      folder.folders.clear();
    }
  }
}

/** Gives the file its name if no other file has it: by a hard link, or under the lock if there are no hard links. */
async function linkIfAbsent(folder: Folder, temporary: string, target: string, key: string): Promise<void> {
  try {
    return await folder.link(temporary, target);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw conflictError(key, 'absent');
    if (!LINKS_UNSUPPORTED.includes(codeOf(error))) throw error;
  }
  await withFolderLock(folder, async () => {
    if (lstatOrNull(target)) throw conflictError(key, 'absent');
    renameSync(temporary, target);
  });
}

/** Gives the file its name if the present file still has the required etag. */
function replaceIfUnchanged(
  folder: Folder,
  temporary: string,
  target: string,
  key: string,
  precondition: { etag: string },
): Promise<void> {
  return withFolderLock(folder, async () => {
    if (statFile(target)?.etag !== precondition.etag) throw conflictError(key, precondition);
    renameSync(temporary, target);
  });
}

/** Works under the lock of the folder. The folder must exist. */
async function withFolderLock(folder: Folder, work: (file: string) => Promise<void>): Promise<void> {
  const file = join(folder.root, '.lock');
  if (lstatOrNull(file)?.isSymbolicLink()) throw errorAtPath(file, 'ELOOP');
  await withLock(file, folder.lockWait, () => work(file));
}

function list(root: string, prefix: string): ObjectMetadata[] {
  const folder = findFolder(root, prefix.slice(0, -1) || '.');
  if (folder === null) return [];
  return [...filesBelow(folder)]
    .map((name) => metadataOf(prefix + name, statFile(join(folder, name))))
    .filter((metadata) => metadata !== null)
    .sort((a, b) => compareKeys(a.key, b.key));
}

/** Lists folders that have an object somewhere below them, as a bucket does. */
function listFolders(root: string, prefix: string): string[] {
  const folder = findFolder(root, prefix.slice(0, -1) || '.');
  if (folder === null) return [];
  const items = nullIfMissing(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  return items
    .filter((item) => !item.name.startsWith('.') && item.isDirectory())
    .map(({ name }) => name)
    .filter((name) => !filesBelow(join(folder, name)).next().done)
    .sort(compareKeys);
}

/** Removes a file, then the folders above it that have become empty. */
function remove({ root, folders }: Folder, key: string): void {
  const file = folders.filePath(key);
  if (file === null || !lstatOrNull(file)?.isFile()) return;
  nullIfMissing(() => unlinkSync(file));
  for (let parent = dirname(key); parent !== '.'; parent = dirname(parent)) {
    if (!removeIfEmpty(join(root, parent))) return;
    folders.clear();
  }
}

/** Removes a folder if it is empty, and says whether it did. */
function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
