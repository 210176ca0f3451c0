// Finds the folder where Node caches compiled modules, so that the next command starts in three quarters of the time.
// Another user who can write there could run code as this user. So the folder must belong to this user, and no other
// user may write to it or replace it. Otherwise no cache is used. Node's default is in the temporary folder, where
// another user may have created it first.
import { lstatSync, mkdirSync, realpathSync, type Stats } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, parse } from 'node:path';

/** File modes: all rights for the owner and none for others; the rights of others to write. */
const PRIVATE = 0o700;
const WRITABLE_BY_OTHERS = 0o022;
/** In a sticky folder, such as `/tmp`, users can rename and remove only their own files. */
const STICKY = 0o1000;

/**
 * Returns the folder for compiled modules, and creates it if it is missing. Null if no folder is private to this user.
 * @param cacheHome the user's folder for caches, an absolute path; null for `.cache` in the home folder
 */
export function compileCacheFolder(cacheHome: string | null): string | null {
  try {
    const cacheRoot = cacheHome ?? join(homedir(), '.cache');
    mkdirSync(cacheRoot, { recursive: true, mode: PRIVATE });
    const realCacheRoot = realpathSync(cacheRoot);
    if (!isSafePath(realCacheRoot)) return null;
    const cacheFolder = ensurePrivateFolder(join(realCacheRoot, 'dtm-exporter'));
    return cacheFolder && ensurePrivateFolder(join(cacheFolder, 'compiled'));
  } catch {
    // There is no home folder, or the user cannot write to it.
    return null;
  }
}

/** Creates a folder if it is missing. Null if the path is not a folder that is private to this user. */
function ensurePrivateFolder(folder: string): string | null {
  if (!lstatSync(folder, { throwIfNoEntry: false })) mkdirSync(folder, { mode: PRIVATE });
  return isPrivateFolder(folder) ? folder : null;
}

/** True if the path is a folder, not a link, that this user owns and no other user may write to. */
function isPrivateFolder(folder: string): boolean {
  const stats = lstatSync(folder);
  return stats.isDirectory() && isOwnedByUser(stats) && (stats.mode & WRITABLE_BY_OTHERS) === 0;
}

/** True if only this user and root can replace this folder or a folder above it. */
function isSafePath(folder: string): boolean {
  for (let path = folder; ; path = dirname(path)) {
    const stats = lstatSync(path);
    const isReplaceable = (stats.mode & WRITABLE_BY_OTHERS) !== 0 && (stats.mode & STICKY) === 0;
    if (!stats.isDirectory() || isReplaceable || !(isOwnedByUser(stats) || stats.uid === 0)) return false;
    if (path === parse(path).root) return true;
  }
}

/** Always true on Windows, which has no user ids and protects home folders in another way. */
const isOwnedByUser = ({ uid }: Stats): boolean => process.getuid === undefined || uid === process.getuid();
