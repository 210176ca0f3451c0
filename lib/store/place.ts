// From a key to a path. The root itself may be a link; below it none is followed, neither to read nor to write, so
// nothing outside is ever touched, and a listing shows exactly what keys reach. Each folder is looked at once.
import type { Stats } from 'node:fs';
import { lstat, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, refused } from './refusals.ts';

/** Resolves to null if an operation finds nothing at its path, or only a link. */
export async function orNull<T>(operation: Promise<T>): Promise<T | null> {
  try {
    return await operation;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error))) return null;
    throw error;
  }
}

/** The root's real path, or null if it is not there yet. */
async function realRoot(root: string): Promise<string | null> {
  const real = await orNull(realpath(root));
  if (real !== null && !(await stat(real)).isDirectory()) throw refused(root, 'ENOTDIR');
  return real;
}

/** The path of the folder with this key (or `.`), or null if it is not there or lies behind a link. */
export async function findFolder(root: string, key: string): Promise<string | null> {
  const real = await realRoot(root);
  if (real === null) return null;
  const wanted = join(real, key);
  return (await orNull(realpath(wanted))) === wanted ? wanted : null;
}

/** The root's real path, made if it is not there. */
async function makeRoot(root: string): Promise<string> {
  await mkdir(root, { recursive: true }).catch((error) => {
    throw refused(root, error);
  });
  return realpath(root);
}

/** The path of a folder in one that is there, made if it is not, and never a link. */
async function makeIn(folder: string, name: string): Promise<string> {
  const at = join(folder, name);
  const there = (await orNull(lstat(at))) ?? (await makeOne(at));
  if (there.isSymbolicLink()) throw refused(at, 'ELOOP');
  if (!there.isDirectory()) throw refused(at, 'ENOTDIR');
  return at;
}

/** The folders below a root, each looked at once: a store works in few of them, and looking costs more than writing. */
export interface Folders {
  /** The path of the file with this key, or null if its folder is not there or lies behind a link. */
  file(key: string): Promise<string | null>;
  /** The path of the folder with this key (or `.`), made if it is not there. */
  make(key: string): Promise<string>;
  /** Looks again from now on: a folder was removed. */
  forget(): void;
}

export function knownFolders(root: string): Folders {
  const known = new Map<string, string>();
  const remember = <T extends string | null>(key: string, path: T): T => {
    if (path !== null) known.set(key, path);
    return path;
  };
  // Step by step from the root, so that no step follows a link.
  const make = async (key: string): Promise<string> =>
    known.get(key) ??
    remember(key, key === '.' ? await makeRoot(root) : await makeIn(await make(dirname(key)), basename(key)));
  return {
    file: async (key) => {
      const name = dirname(key);
      const folder = known.get(name) ?? remember(name, await findFolder(root, name));
      return folder === null ? null : join(folder, basename(key));
    },
    make,
    forget: () => known.clear(),
  };
}

/** Makes one folder, or leaves what another process has put there meanwhile, and says what is there now. */
async function makeOne(path: string): Promise<Stats> {
  try {
    await mkdir(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw error;
    if (codeOf(error) !== 'EEXIST') throw refused(dirname(path), error);
  }
  return lstat(path);
}

/** Every regular file below a folder as a path with slashes relative to it; nothing whose name begins with a dot. */
export async function* walk(folder: string): AsyncGenerator<string> {
  for (const item of (await orNull(readdir(folder, { withFileTypes: true }))) ?? []) {
    if (item.name.startsWith('.')) continue;
    if (item.isFile()) yield item.name;
    if (!item.isDirectory()) continue;
    for await (const below of walk(join(folder, item.name))) yield `${item.name}/${below}`;
  }
}
