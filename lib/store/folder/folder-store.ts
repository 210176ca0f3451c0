// A folder as a store. Bytes are written and synced under a temporary name first, and then get their own in one step:
// a hard link, which the system makes only once (create-only), or a rename under the lock (compare-and-swap). Whatever
// kills the process, no half file has a final name. Names outlive a loss of power from the next `sync` on.
// Calls that touch the system's memory alone are made at once: as promises they cost eight times the CPU. Only what waits
// for the disk or for others is awaited.
// `.tmp/` and `.lock` are this file's, and are never listed. What lies below `runs/` is its owner's alone.
import { linkSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { checkKey, checkPrefix, compareKeys, isRunKey } from '../key.ts';
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
import { removeStale, withTemporaryFile } from './temporary-files.ts';

/** What a test may turn: milliseconds to wait for the lock at most, and how a hard link is made. */
export interface FolderOptions {
  readonly lockWait?: number;
  readonly link?: (from: string, to: string) => Promise<void>;
}

/** Where a folder store is, and how it writes. */
interface Folder extends Required<FolderOptions> {
  readonly root: string;
  readonly folders: FolderCache;
}

/** What a file system says that knows no hard links. */
const LINKS_UNSUPPORTED = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** How often a name is given again because another process was just removing its emptied folder. */
const MAX_ATTEMPTS = 20;

/** The store in a folder, which need not exist before the first write. */
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

  /** Checks the key, works on it, and throws what the file system refuses as a StoreError. */
  async function guarded<T>(key: string, check: (key: string) => void, work: () => Promise<T>): Promise<T> {
    check(key);
    try {
      return await work();
    } catch (error) {
      throw fileStoreError(key, join(root, key), error);
    }
  }

  async function put(key: string, body: Uint8Array, expect: Precondition): Promise<string> {
    const temporaries = cache.ensureFolder('.tmp');
    if (!hasRemovedStale) removeStale(temporaries);
    hasRemovedStale = true;
    const isPrivate = isRunKey(key);
    const isDurable = expect !== 'anything' || !isPrivate;
    return withTemporaryFile(temporaries, { body, isDurable, isPrivate }, async (temporary, etag) => {
      await moveIntoPlace(folder, temporary, key, expect);
      return etag;
    });
  }

  return {
    location: path,
    get: (key, range) =>
      guarded(key, checkKey, async () => {
        const file = cache.filePath(key);
        return file === null ? null : readContent(file, range);
      }),
    head: (key) =>
      guarded(key, checkKey, async () => {
        const file = cache.filePath(key);
        return file === null ? null : entry(key, statFile(file));
      }),
    put: (key, body, expect) => guarded(key, checkKey, () => put(key, body, expect)),
    list: (prefix) => guarded(prefix, checkPrefix, async () => list(root, prefix)),
    listFolders: (prefix) => guarded(prefix, checkPrefix, async () => listFolders(root, prefix)),
    delete: (key) => guarded(key, checkKey, async () => remove(folder, key)),
    sync: (place) => {
      const isFolder = place === '' || place.endsWith('/');
      const key = isFolder ? place.slice(0, -1) || '.' : dirname(place);
      const folders = () => syncFolders(foldersToSync(root, key, { below: isFolder }));
      return guarded(place, isFolder ? checkPrefix : checkKey, folders);
    },
    checkPreconditions: () =>
      guarded('', checkPrefix, async () => {
        cache.ensureFolder('.');
        await withFolderLock(folder, checkLock);
      }),
  };
}

function entry(key: string, facts: FileStat | null): ObjectMetadata | null {
  return facts && { key, ...facts };
}

/** The conflict of a write that did not find what it expected. */
function conflictError(key: string, expect: Precondition): StoreConflictError {
  return new StoreConflictError(key, typeof expect === 'string' ? 'nothing there' : `version ${expect.etag}`);
}

/** Gives a temporary file its final name, again if its folder was removed between making it and using it. */
async function moveIntoPlace(
  folder: Folder,
  temporary: string,
  key: string,
  expect: Precondition,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const target = join(folder.folders.ensureFolder(dirname(key)), basename(key));
      if (expect === 'anything') return renameSync(temporary, target);
      if (expect === 'absent') return await linkIfAbsent(folder, temporary, target, key);
      return await replaceIfUnchanged(folder, temporary, target, key, expect);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || attempt === MAX_ATTEMPTS) throw error;
      folder.folders.clear();
    }
  }
}

/** Gives the name if nothing has it: by a hard link or, where the file system has none, under the lock. */
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

/** Gives the name if the file that has it is the one expected. */
function replaceIfUnchanged(
  folder: Folder,
  temporary: string,
  target: string,
  key: string,
  expect: { etag: string },
): Promise<void> {
  return withFolderLock(folder, async () => {
    if (statFile(target)?.etag !== expect.etag) throw conflictError(key, expect);
    renameSync(temporary, target);
  });
}

/** Works under the lock of the folder, which is there by now. */
async function withFolderLock(folder: Folder, work: (file: string) => Promise<void>): Promise<void> {
  const file = join(folder.root, '.lock');
  if (lstatOrNull(file)?.isSymbolicLink()) throw errorAtPath(file, 'ELOOP');
  await withLock(file, folder.lockWait, () => work(file));
}

function list(root: string, prefix: string): ObjectMetadata[] {
  const folder = findFolder(root, prefix.slice(0, -1) || '.');
  if (folder === null) return [];
  const entries = [...filesBelow(folder)].map((name) => entry(prefix + name, statFile(join(folder, name))));
  return entries.filter((one) => one !== null).sort((a, b) => compareKeys(a.key, b.key));
}

/** As in a bucket, a folder is there only if an object lies below it. */
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

/** Removes a file, and the folders above it that are empty now. */
function remove({ root, folders }: Folder, key: string): void {
  const file = folders.filePath(key);
  if (file === null || !lstatOrNull(file)?.isFile()) return;
  nullIfMissing(() => unlinkSync(file));
  for (let above = dirname(key); above !== '.'; above = dirname(above)) {
    if (!removeIfEmpty(join(root, above))) return;
    folders.clear();
  }
}

/** Removes a folder if nothing is in it. */
function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
