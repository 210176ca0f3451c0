// From a key to a path. The root itself may be a link; below it none is followed, neither to read nor to write, so
// nothing outside is ever touched, and a listing shows exactly what keys reach. Each folder is looked up once, and seen to
// be the same one each time after.
import { lstatSync, mkdirSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isRunKey } from '../key.ts';
import { codeOf, errorAtPath } from './file-errors.ts';
import { syncFolderNow } from './sync-folders.ts';

/** What an operation gives, or null if it finds nothing at its path, or only a link. */
export function nullIfMissing<T>(operation: () => T): T | null {
  try {
    return operation();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error))) return null;
    throw error;
  }
}

/** What lies at a path, be it a broken link; null if nothing does. */
export const lstatOrNull = (path: string): Stats | null =>
  nullIfMissing(() => lstatSync(path, { throwIfNoEntry: false }) ?? null);

/** The root's real path, or null if it is not there yet. */
function realRoot(root: string): string | null {
  const real = nullIfMissing(() => realpathSync(root));
  if (real !== null && !statSync(real).isDirectory()) throw errorAtPath(root, 'ENOTDIR');
  return real;
}

/** The path of the folder with this key (or `.`), or null if it is not there or lies behind a link. */
export function findFolder(root: string, key: string): string | null {
  const real = realRoot(root);
  if (real === null) return null;
  const path = join(real, key);
  return nullIfMissing(() => realpathSync(path)) === path ? path : null;
}

/** The root's real path, made if it is not there, such that its name and those above it outlive a loss of power. */
function ensureRoot(root: string): string {
  const topmost = mkdirAll(root);
  if (topmost !== undefined)
    for (let at = root; at.length >= topmost.length; at = dirname(at)) syncFolderNow(dirname(at));
  return realpathSync(root);
}

/** Makes a folder and those above it that are not there, and returns the topmost of them. */
function mkdirAll(folder: string): string | undefined {
  try {
    return mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw errorAtPath(folder, error);
  }
}

/** The path of a folder in one that is there, made if it is not, and never a link. */
function ensureSubfolder(folder: string, key: string): string {
  const at = join(folder, basename(key));
  const there = lstatOrNull(at) ?? mkdirOrStat(at, isRunKey(`${key}/`) ? 0o700 : 0o777);
  if (there.isSymbolicLink()) throw errorAtPath(at, 'ELOOP');
  if (!there.isDirectory()) throw errorAtPath(at, 'ENOTDIR');
  return at;
}

/** The folders below a root: looking each of them up costs more than writing, and a store works in few of them. */
export interface FolderCache {
  /** The path of the file with this key, or null if its folder is not there or lies behind a link. */
  filePath(key: string): string | null;
  /** The path of the folder with this key (or `.`), made if it is not there. */
  ensureFolder(key: string): string;
  /** Looks again from now on: a folder was removed. */
  clear(): void;
}

/** A folder as it was looked up. */
interface CachedFolder {
  readonly path: string;
  readonly device: number;
  readonly inode: number;
}

export function createFolderCache(root: string): FolderCache {
  const cache = new Map<string, CachedFolder>();
  const remember = <T extends string | null>(key: string, path: T): T => {
    const there = path === null ? null : lstatOrNull(path);
    if (path !== null && there) cache.set(key, { path, device: there.dev, inode: there.ino });
    return path;
  };
  /** The path of a folder that was looked up, unless another one, or a link to another, stands there now. */
  const findCached = (key: string): string | null => {
    const one = cache.get(key);
    if (!one) return null;
    const there = lstatOrNull(one.path);
    if (there?.isDirectory() && there.dev === one.device && there.ino === one.inode) return one.path;
    cache.clear();
    return null;
  };
  // Step by step from the root, so that no step follows a link.
  const make = (key: string): string =>
    findCached(key) ??
    remember(key, key === '.' ? ensureRoot(root) : ensureSubfolder(make(dirname(key)), key));
  return {
    filePath: (key) => {
      const name = dirname(key);
      const folder = findCached(name) ?? remember(name, findFolder(root, name));
      return folder === null ? null : join(folder, basename(key));
    },
    ensureFolder: make,
    clear: () => cache.clear(),
  };
}

/** Makes one folder, or leaves what another process has put there meanwhile, and says what is there now. */
function mkdirOrStat(path: string, mode: number): Stats {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw error;
    if (codeOf(error) !== 'EEXIST') throw errorAtPath(dirname(path), error);
  }
  return lstatSync(path);
}

/** The folder of a key, those above it up to the one that the root lies in, and, if wanted, all below it: the deepest first. */
export function* foldersToSync(root: string, key: string, { below }: { below: boolean }): Generator<string> {
  const folder = findFolder(root, key);
  if (folder === null) return;
  if (below) yield* foldersBelow(folder);
  const depth = key === '.' ? 0 : key.split('/').length;
  let at = folder;
  for (let level = depth; level >= -1; level--) {
    yield at;
    at = dirname(at);
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

/** Every regular file below a folder as a path with slashes relative to it; nothing whose name begins with a dot. */
export function* filesBelow(folder: string): Generator<string> {
  for (const item of nullIfMissing(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
    if (item.name.startsWith('.')) continue;
    if (item.isFile()) yield item.name;
    if (!item.isDirectory()) continue;
    for (const below of filesBelow(join(folder, item.name))) yield `${item.name}/${below}`;
  }
}
