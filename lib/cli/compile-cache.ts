// Where Node keeps compiled modules for the next command, which then starts in three quarters of the time. Whoever can
// write there runs code as this user, so it is a folder of the user's own that nobody else can write or exchange, or none.
// Node's own default lies in the temporary folder, where anybody may have made it first.
import { lstatSync, mkdirSync, realpathSync, type Stats } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, parse } from 'node:path';

/** All for the owner and nothing for others; and what lets others write. */
const PRIVATE = 0o700;
const WRITABLE_BY_OTHERS = 0o022;
/** In such a folder nobody may rename or remove what is another's, as in `/tmp`. */
const STICKY = 0o1000;

/**
 * The folder for compiled modules, made if it is not there; null if there is none that is this user's alone.
 * @param cacheHome where the user keeps caches, an absolute path; null for `.cache` in the home folder
 */
export function compileCacheFolder(cacheHome: string | null): string | null {
  try {
    const above = cacheHome ?? join(homedir(), '.cache');
    mkdirSync(above, { recursive: true, mode: PRIVATE });
    const home = realpathSync(above);
    if (!isSafePath(home)) return null;
    const cacheFolder = ensurePrivateFolder(join(home, 'dtm-exporter'));
    return cacheFolder && ensurePrivateFolder(join(cacheFolder, 'compiled'));
  } catch {
    // No home, or nothing can be made there.
    return null;
  }
}

/** Makes a folder if nothing has its name; null if what is there is not this user's alone. */
function ensurePrivateFolder(folder: string): string | null {
  if (!lstatSync(folder, { throwIfNoEntry: false })) mkdirSync(folder, { mode: PRIVATE });
  return isPrivateFolder(folder) ? folder : null;
}

/** Whether it is a folder, not a link, that this user owns and nobody else may write. */
function isPrivateFolder(folder: string): boolean {
  const stats = lstatSync(folder);
  return stats.isDirectory() && isOwnedByUser(stats) && (stats.mode & WRITABLE_BY_OTHERS) === 0;
}

/** Whether nobody but this user and root can put another folder in the place of this one or of any above. */
function isSafePath(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    const stats = lstatSync(at);
    const isReplaceable = (stats.mode & WRITABLE_BY_OTHERS) !== 0 && (stats.mode & STICKY) === 0;
    if (!stats.isDirectory() || isReplaceable || !(isOwnedByUser(stats) || stats.uid === 0)) return false;
    if (at === parse(at).root) return true;
  }
}

/** Windows keeps a home to its user by other means than these. */
const isOwnedByUser = ({ uid }: Stats): boolean => process.getuid === undefined || uid === process.getuid();
