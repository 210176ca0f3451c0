// A folder as a store. Bytes are written and synced under a temporary name first, and then get their own in one step:
// a hard link, which the system makes only once (create-only), or a rename under the lock (compare-and-swap). Whatever
// kills the process, no half file has a final name. Names outlive a loss of power from the next `sync` on.
// Calls that touch the system's memory alone are made at once: as promises they cost eight times the CPU. Only what waits
// for the disk or for others is awaited.
// `.tmp/` and `.lock` are this file's, and are never listed. What lies below `runs/` is its owner's alone.
import { linkSync, readdirSync, renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { byKey, checkKey, checkPrefix, isOfRun } from '../key.ts';
import { type Entry, type Expect, type Store, StoreConflictError } from '../store.ts';
import { contentOf, type Facts, factsOf } from './file-content.ts';
import { codeOf, refusal, refused } from './file-errors.ts';
import { withLock } from './lock.ts';
import { checkLock } from './lock-check.ts';
import { type Folders, findFolder, foldersAround, knownFolders, lookAt, orNull, walk } from './paths.ts';
import { syncFolders } from './sync-folders.ts';
import { sweep, withTemporary } from './temporary-files.ts';

/** What a test may turn: milliseconds to wait for the lock at most, and how a hard link is made. */
export interface FolderOptions {
  readonly lockWait?: number;
  readonly link?: (from: string, to: string) => Promise<void>;
}

/** Where a folder store is, and how it writes. */
interface Folder extends Required<FolderOptions> {
  readonly root: string;
  readonly below: Folders;
}

/** What a file system says that knows no hard links. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** How often a name is given again because another process was just removing its emptied folder. */
const TRIES = 20;

/** The store in a folder, which need not exist before the first write. */
export function folderStore(path: string, options: FolderOptions = {}): Store {
  const root = resolve(path);
  const below = knownFolders(root);
  const folder: Folder = {
    root,
    below,
    lockWait: 30_000,
    link: async (from, to) => linkSync(from, to),
    ...options,
  };
  let isSwept = false;

  /** Checks the key, works on it, and throws what the file system refuses as a StoreError. */
  async function on<T>(key: string, check: (key: string) => void, work: () => Promise<T>): Promise<T> {
    check(key);
    try {
      return await work();
    } catch (error) {
      throw refusal(key, join(root, key), error);
    }
  }

  async function put(key: string, body: Uint8Array, expect: Expect): Promise<string> {
    const temporaries = below.make('.tmp');
    if (!isSwept) sweep(temporaries);
    isSwept = true;
    const isPrivate = isOfRun(key);
    const isLasting = expect !== 'anything' || !isPrivate;
    return withTemporary(temporaries, { body, isLasting, isPrivate }, async (temporary, etag) => {
      await giveName(folder, temporary, key, expect);
      return etag;
    });
  }

  return {
    location: path,
    get: (key, range) =>
      on(key, checkKey, async () => {
        const file = below.file(key);
        return file === null ? null : contentOf(file, range);
      }),
    head: (key) =>
      on(key, checkKey, async () => {
        const file = below.file(key);
        return file === null ? null : entry(key, factsOf(file));
      }),
    put: (key, body, expect) => on(key, checkKey, () => put(key, body, expect)),
    list: (prefix) => on(prefix, checkPrefix, async () => list(root, prefix)),
    folders: (prefix) => on(prefix, checkPrefix, async () => folders(root, prefix)),
    delete: (key) => on(key, checkKey, async () => remove(folder, key)),
    sync: (place) => {
      const below = place === '' || place.endsWith('/');
      const key = below ? place.slice(0, -1) || '.' : dirname(place);
      const folders = () => syncFolders(foldersAround(root, key, { below }));
      return on(place, below ? checkPrefix : checkKey, folders);
    },
    checkPromises: () =>
      on('', checkPrefix, async () => {
        below.make('.');
        await locked(folder, checkLock);
      }),
  };
}

function entry(key: string, facts: Facts | null): Entry | null {
  return facts && { key, ...facts };
}

/** The conflict of a write that did not find what it expected. */
function found(key: string, expect: Expect): StoreConflictError {
  return new StoreConflictError(key, typeof expect === 'string' ? 'nothing there' : `version ${expect.etag}`);
}

/** Gives a temporary file its final name, again if its folder was removed between making it and using it. */
async function giveName(folder: Folder, temporary: string, key: string, expect: Expect): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const target = join(folder.below.make(dirname(key)), basename(key));
      if (expect === 'anything') return renameSync(temporary, target);
      if (expect === 'absent') return await create(folder, temporary, target, key);
      return await swap(folder, temporary, target, key, expect);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || attempt === TRIES) throw error;
      folder.below.forget();
    }
  }
}

/** Gives the name if nothing has it: by a hard link or, where the file system has none, under the lock. */
async function create(folder: Folder, temporary: string, target: string, key: string): Promise<void> {
  try {
    return await folder.link(temporary, target);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw found(key, 'absent');
    if (!NO_LINKS.includes(codeOf(error))) throw error;
  }
  await locked(folder, async () => {
    if (lookAt(target)) throw found(key, 'absent');
    renameSync(temporary, target);
  });
}

/** Gives the name if the file that has it is the one expected. */
function swap(
  folder: Folder,
  temporary: string,
  target: string,
  key: string,
  expect: { etag: string },
): Promise<void> {
  return locked(folder, async () => {
    if (factsOf(target)?.etag !== expect.etag) throw found(key, expect);
    renameSync(temporary, target);
  });
}

/** Works under the lock of the folder, which is there by now. */
async function locked(folder: Folder, work: (file: string) => Promise<void>): Promise<void> {
  const file = join(folder.root, '.lock');
  if (lookAt(file)?.isSymbolicLink()) throw refused(file, 'ELOOP');
  await withLock(file, folder.lockWait, () => work(file));
}

function list(root: string, prefix: string): Entry[] {
  const folder = findFolder(root, prefix.slice(0, -1) || '.');
  if (folder === null) return [];
  const entries = [...walk(folder)].map((name) => entry(prefix + name, factsOf(join(folder, name))));
  return entries.filter((one) => one !== null).sort((a, b) => byKey(a.key, b.key));
}

/** As in a bucket, a folder is there only if an object lies below it. */
function folders(root: string, prefix: string): string[] {
  const folder = findFolder(root, prefix.slice(0, -1) || '.');
  if (folder === null) return [];
  const items = orNull(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  return items
    .filter((item) => !item.name.startsWith('.') && item.isDirectory())
    .map(({ name }) => name)
    .filter((name) => !walk(join(folder, name)).next().done)
    .sort(byKey);
}

/** Removes a file, and the folders above it that are empty now. */
function remove({ root, below }: Folder, key: string): void {
  const file = below.file(key);
  if (file === null || !lookAt(file)?.isFile()) return;
  orNull(() => unlinkSync(file));
  for (let above = dirname(key); above !== '.'; above = dirname(above)) {
    if (!isRemoved(join(root, above))) return;
    below.forget();
  }
}

/** Removes a folder if nothing is in it. */
function isRemoved(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
