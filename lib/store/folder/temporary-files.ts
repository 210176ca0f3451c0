// Temporary files in `.tmp/`, which no listing shows. Files that a killed process left there are removed after a day,
// when no writer can still be using them.
import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsync,
  lstatSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { etagIfSame, etagOf, HASHED_BYTES } from './file-content.ts';
import { codeOf } from './file-errors.ts';
import { lstatOrNull } from './paths.ts';

const sync = promisify(fsync);

/** Milliseconds after which a temporary file counts as left behind. */
const STALE_AFTER = 24 * 60 * 60 * 1000;

/** A file to write. `isDurable`: its bytes must survive a loss of power. */
export interface TemporaryFile {
  readonly body: Uint8Array;
  readonly isDurable: boolean;
  /** Only the owner may read it; otherwise the umask decides. */
  readonly isPrivate: boolean;
}

/** A file that gets a second name. `body`: the bytes that it must have. `link` makes a hard link. */
export interface FileToLink {
  readonly source: string;
  readonly body: Uint8Array;
  readonly link: (from: string, to: string) => Promise<void>;
}

/** Writes a new file in a folder, passes its path and etag to `use`, and always removes it at the end. */
export async function withTemporaryFile<T>(
  folder: string,
  temporary: TemporaryFile,
  use: (path: string, etag: string) => Promise<T>,
): Promise<T> {
  const path = newPath(folder);
  try {
    return await use(path, await write(path, temporary));
  } finally {
    rmSync(path, { force: true });
  }
}

/**
 * Gives a file a second name in a folder, passes that path and the file's etag to `use`, and always removes that name
 * at the end. Null if it cannot: the system refuses the link, or there is no regular file with these bytes.
 */
export async function withTemporaryLink<T>(
  folder: string,
  file: FileToLink,
  use: (path: string, etag: string) => Promise<T>,
): Promise<T | null> {
  const path = newPath(folder);
  try {
    const etag = await linkIfSame(path, file);
    return etag === null ? null : await use(path, etag);
  } catch (error) {
    // The file has no room for one more name, or another process took this name of an old file for one left behind.
    const isLost = codeOf(error) === 'ENOENT' && lstatOrNull(path) === null;
    if (isLost || codeOf(error) === 'EMLINK') return null;
    throw error;
  } finally {
    rmSync(path, { force: true });
  }
}

/** Links a regular file and returns its etag; null if it cannot. A source that is a link itself is not followed. */
async function linkIfSame(path: string, { source, body, link }: FileToLink): Promise<string | null> {
  if (!lstatOrNull(source)?.isFile()) return null;
  try {
    await link(source, path);
    return etagIfSame(path, body);
  } catch (error) {
    if (codeOf(error) === '') throw error;
    return null;
  }
}

const newPath = (folder: string): string => join(folder, `${process.pid}-${randomUUID()}`);

/** Writes a file and returns its etag. A durable file is also synced to disk. */
async function write(path: string, { body, isDurable, isPrivate }: TemporaryFile): Promise<string> {
  const file = openSync(path, 'wx', isPrivate ? 0o600 : 0o666);
  try {
    writeFileSync(file, body);
    if (isDurable) await sync(file);
    return etagOf(body.length <= HASHED_BYTES ? body : fstatSync(file, { bigint: true }));
  } finally {
    closeSync(file);
  }
}

/** Removes files that killed processes left in the folder. A file that cannot be removed stays. */
export function removeStale(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats && Date.now() - stats.mtimeMs > STALE_AFTER) removeIfPossible(path);
  }
}

function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // For example a folder, which this store never creates here.
  }
}
