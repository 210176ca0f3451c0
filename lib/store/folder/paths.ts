// From a key to a path. The root itself may be a link; below it none is followed, neither to read nor to write, so
// nothing outside is ever touched, and a listing shows exactly what keys reach. Each folder is looked up once, and seen to
// be the same one each time after.
import { lstatSync, mkdirSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isOfRun } from '../key.ts';
import { codeOf, refused } from './file-errors.ts';
import { syncFolderNow } from './sync-folders.ts';

/** What an operation gives, or null if it finds nothing at its path, or only a link. */
export function orNull<T>(operation: () => T): T | null {
  try {
    return operation();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error))) return null;
    throw error;
  }
}

/** What lies at a path, be it a broken link; null if nothing does. */
export const lookAt = (path: string): Stats | null =>
  orNull(() => lstatSync(path, { throwIfNoEntry: false }) ?? null);

/** The root's real path, or null if it is not there yet. */
function realRoot(root: string): string | null {
  const real = orNull(() => realpathSync(root));
  if (real !== null && !statSync(real).isDirectory()) throw refused(root, 'ENOTDIR');
  return real;
}

/** The path of the folder with this key (or `.`), or null if it is not there or lies behind a link. */
export function findFolder(root: string, key: string): string | null {
  const real = realRoot(root);
  if (real === null) return null;
  const wanted = join(real, key);
  return orNull(() => realpathSync(wanted)) === wanted ? wanted : null;
}

/** The root's real path, made if it is not there, such that its name and those above it outlive a loss of power. */
function makeRoot(root: string): string {
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
    throw refused(folder, error);
  }
}

/** The path of a folder in one that is there, made if it is not, and never a link. */
function makeIn(folder: string, key: string): string {
  const at = join(folder, basename(key));
  const there = lookAt(at) ?? makeOne(at, isOfRun(`${key}/`) ? 0o700 : 0o777);
  if (there.isSymbolicLink()) throw refused(at, 'ELOOP');
  if (!there.isDirectory()) throw refused(at, 'ENOTDIR');
  return at;
}

/** The folders below a root: looking each of them up costs more than writing, and a store works in few of them. */
export interface Folders {
  /** The path of the file with this key, or null if its folder is not there or lies behind a link. */
  file(key: string): string | null;
  /** The path of the folder with this key (or `.`), made if it is not there. */
  make(key: string): string;
  /** Looks again from now on: a folder was removed. */
  forget(): void;
}

/** A folder as it was looked up. */
interface Known {
  readonly path: string;
  readonly device: number;
  readonly inode: number;
}

export function knownFolders(root: string): Folders {
  const known = new Map<string, Known>();
  const remember = <T extends string | null>(key: string, path: T): T => {
    const there = path === null ? null : lookAt(path);
    if (path !== null && there) known.set(key, { path, device: there.dev, inode: there.ino });
    return path;
  };
  /** The path of a folder that was looked up, unless another one, or a link to another, stands there now. */
  const recall = (key: string): string | null => {
    const one = known.get(key);
    if (!one) return null;
    const there = lookAt(one.path);
    if (there?.isDirectory() && there.dev === one.device && there.ino === one.inode) return one.path;
    known.clear();
    return null;
  };
  // Step by step from the root, so that no step follows a link.
  const make = (key: string): string =>
    recall(key) ?? remember(key, key === '.' ? makeRoot(root) : makeIn(make(dirname(key)), key));
  return {
    file: (key) => {
      const name = dirname(key);
      const folder = recall(name) ?? remember(name, findFolder(root, name));
      return folder === null ? null : join(folder, basename(key));
    },
    make,
    forget: () => known.clear(),
  };
}

/** Makes one folder, or leaves what another process has put there meanwhile, and says what is there now. */
function makeOne(path: string, mode: number): Stats {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw error;
    if (codeOf(error) !== 'EEXIST') throw refused(dirname(path), error);
  }
  return lstatSync(path);
}

/** The folder of a key, those above it up to the one that the root lies in, and, if wanted, all below it: the deepest first. */
export function* foldersAround(root: string, key: string, { below }: { below: boolean }): Generator<string> {
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
  for (const item of orNull(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
    if (!item.isDirectory() || item.name.startsWith('.')) continue;
    const path = join(folder, item.name);
    yield* foldersBelow(path);
    yield path;
  }
}

/** Every regular file below a folder as a path with slashes relative to it; nothing whose name begins with a dot. */
export function* walk(folder: string): Generator<string> {
  for (const item of orNull(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
    if (item.name.startsWith('.')) continue;
    if (item.isFile()) yield item.name;
    if (!item.isDirectory()) continue;
    for (const below of walk(join(folder, item.name))) yield `${item.name}/${below}`;
  }
}
