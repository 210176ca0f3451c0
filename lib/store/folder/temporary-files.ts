// Bytes before they have a name: `.tmp/` in the root, which no listing shows. What a killed process left there is
// removed a day later, when no writer can still be at work on it.
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
import { etagOf, HASHED_BYTES } from './file-content.ts';

const sync = promisify(fsync);

/** Milliseconds after which a temporary file counts as left behind. */
const STALE_AFTER = 24 * 60 * 60 * 1000;

/** A file to be: its bytes, whether they must outlive a loss of power the moment after, and who may read them. */
export interface TemporaryFile {
  readonly body: Uint8Array;
  readonly isDurable: boolean;
  /** For its owner alone; else for whom the umask says. */
  readonly isPrivate: boolean;
}

/** Writes a new file in a folder, hands over its path and etag, and removes that name whatever comes. */
export async function withTemporaryFile<T>(
  folder: string,
  temporary: TemporaryFile,
  use: (path: string, etag: string) => Promise<T>,
): Promise<T> {
  const path = join(folder, `${process.pid}-${randomUUID()}`);
  try {
    return await use(path, await write(path, temporary));
  } finally {
    rmSync(path, { force: true });
  }
}

/** Writes a file, a lasting one to the disk and not only to the system's memory, and returns its etag. */
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

/** Removes what killed processes left in the folder of temporary files; one that cannot be removed stays. */
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
    // Whoever put a folder there keeps it.
  }
}
