// Bytes before they have a name: `.tmp/` in the root, which no listing shows. What a killed process left there is
// removed a day later, when no writer can still be at work on it.
import { randomUUID } from 'node:crypto';
import { lstat, open, readdir, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { etagOf, HASHED_BYTES } from './content.ts';
import { orNull } from './place.ts';

/** Milliseconds after which a temporary file counts as left behind. */
const ABANDONED = 24 * 60 * 60 * 1000;

/** Writes and syncs a new file in a folder, hands over its path and etag, and removes that name whatever comes. */
export async function withTemporary<T>(
  folder: string,
  body: Uint8Array,
  use: (path: string, etag: string) => Promise<T>,
): Promise<T> {
  const path = join(folder, `${process.pid}-${randomUUID()}`);
  try {
    return await use(path, await writeSynced(path, body));
  } finally {
    await orNull(unlink(path));
  }
}

/** Writes a file to the disk, not only to the system's memory, and returns its etag. */
async function writeSynced(path: string, body: Uint8Array): Promise<string> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(body);
    await file.sync();
    return etagOf(body.length <= HASHED_BYTES ? body : await file.stat({ bigint: true }));
  } finally {
    await file.close();
  }
}

/** Removes what killed processes left in the folder of temporary files; one that cannot be removed stays. */
export async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const age = Date.now() - (await lstat(path).then((stats) => stats.mtimeMs, Date.now));
    if (age > ABANDONED) await rm(path, { force: true }).catch(() => {});
  }
}
