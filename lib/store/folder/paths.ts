// Turns keys into paths. The root may be a link, but links below it are never followed. So no file outside the root is
// read or written, and a listing shows exactly the files that keys can reach. The first access looks a folder up. Every
// later access checks device and inode, so that a replaced folder is noticed.
import { lstatSync, mkdirSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isRunKey } from '../key.ts';
import { codeOf, errorAtPath } from './file-errors.ts';
import { syncFolderNow } from './sync-folders.ts';

/** The operation's result; null if its path does not exist or is a link. */
export function nullIfMissing<T>(operation: () => T): T | null {
  try {
    return operation();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error))) return null;
    throw error;
  }
}

/** The stats of the path itself, also of a broken link; null if it does not exist. */
export const lstatOrNull = (path: string): Stats | null =>
  nullIfMissing(() => lstatSync(path, { throwIfNoEntry: false }) ?? null);

/** The root's real path, or null if it does not exist yet. */
function realRoot(root: string): string | null {
  const real = nullIfMissing(() => realpathSync(root));
  if (real !== null && !statSync(real).isDirectory()) throw errorAtPath(root, 'ENOTDIR');
  return real;
}

/** The path of the folder with this key (or `.`); null if it does not exist or is below a link. */
export function findFolder(root: string, key: string): string | null {
  const real = realRoot(root);
  if (real === null) return null;
  const path = join(real, key);
  return nullIfMissing(() => realpathSync(path)) === path ? path : null;
}

/** Creates the root if it is missing, syncs the new folders' names to disk, and returns the root's real path. */
function ensureRoot(root: string): string {
  const topmost = mkdirAll(root);
  if (topmost !== undefined)
    for (let path = root; path.length >= topmost.length; path = dirname(path)) syncFolderNow(dirname(path));
  return realpathSync(root);
}

/** Creates a folder and the missing folders above it. Returns the topmost new folder, undefined if none is new. */
function mkdirAll(folder: string): string | undefined {
  try {
    return mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw errorAtPath(folder, error);
  }
}

/** Creates a folder in an existing one if it is missing, and returns its path. Never follows a link. */
function ensureSubfolder(parent: string, key: string): string {
  const path = join(parent, basename(key));
  const stats = lstatOrNull(path) ?? mkdirOrStat(path, isRunKey(`${key}/`) ? 0o700 : 0o777);
  if (stats.isSymbolicLink()) throw errorAtPath(path, 'ELOOP');
  if (!stats.isDirectory()) throw errorAtPath(path, 'ENOTDIR');
  return path;
}

/**
 * The folders below a root that were looked up. A look-up costs more than a write, and a store works in few folders.
 */
export interface FolderCache {
  /** The path of the file with this key; null if its folder does not exist or is below a link. */
  filePath(key: string): string | null;
  /** The path of the folder with this key (or `.`), created if it is missing. */
  ensureFolder(key: string): string;
  /** Forgets all folders. Call it after a folder was removed. */
  clear(): void;
}

/** A folder at the time of its look-up. */
interface CachedFolder {
  readonly path: string;
  readonly device: number;
  readonly inode: number;
}

export function createFolderCache(root: string): FolderCache {
  const cache = new Map<string, CachedFolder>();
  const remember = <T extends string | null>(key: string, path: T): T => {
    const stats = path === null ? null : lstatOrNull(path);
    if (path !== null && stats) cache.set(key, { path, device: stats.dev, inode: stats.ino });
    return path;
  };
  /** The path of a cached folder; null if it is not cached, or was replaced by another folder or a link. */
  const findCached = (key: string): string | null => {
    const cached = cache.get(key);
    if (!cached) return null;
    const stats = lstatOrNull(cached.path);
    if (stats?.isDirectory() && stats.dev === cached.device && stats.ino === cached.inode) return cached.path;
    cache.clear();
    return null;
  };
  // One folder at a time from the root, so that no step follows a link.
  const ensureFolder = (key: string): string =>
    findCached(key) ??
    remember(key, key === '.' ? ensureRoot(root) : ensureSubfolder(ensureFolder(dirname(key)), key));
  return {
    filePath: (key) => {
      const folderKey = dirname(key);
      const folder = findCached(folderKey) ?? remember(folderKey, findFolder(root, folderKey));
      return folder === null ? null : join(folder, basename(key));
    },
    ensureFolder,
    clear: () => cache.clear(),
  };
}

/** Creates one folder and returns its stats. If the path exists by now, returns the stats of what is there. */
function mkdirOrStat(path: string, mode: number): Stats {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw error;
    if (codeOf(error) !== 'EEXIST') throw errorAtPath(dirname(path), error);
  }
  return lstatSync(path);
}

/**
 * A folder and all above it, up to the root's parent. With `below`, also all folders below it. The deepest come first.
 */
export function* foldersToSync(root: string, key: string, { below }: { below: boolean }): Generator<string> {
  const folder = findFolder(root, key);
  if (folder === null) return;
  if (below) yield* foldersBelow(folder);
  const depth = key === '.' ? 0 : key.split('/').length;
  let path = folder;
  for (let level = depth; level >= -1; level--) {
    yield path;
    path = dirname(path);
  }
}

function* foldersBelow(folder: string): Generator<string> {
  for (const item of nullIfMissing(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
    if (!item.isDirectory() || item.name.startsWith('.')) continue;
    const path = join(folder, item.name);
    yield* foldersBelow(path);
    yield path;
  }
}

/** Yields the relative path, with slashes, of every regular file below a folder. Skips names that begin with a dot. */
export function* filesBelow(folder: string): Generator<string> {
  for (const item of nullIfMissing(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
    if (item.name.startsWith('.')) continue;
    if (item.isFile()) yield item.name;
    if (!item.isDirectory()) continue;
    for (const path of filesBelow(join(folder, item.name))) yield `${item.name}/${path}`;
  }
}
