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
import { etagOf, HASHED_BYTES } from './file-content.ts';

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

/** Writes a new file in a folder, passes its path and etag to `use`, and always removes it at the end. */
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
