// What the tests fetch or build once, in `.cache`.
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';

const CACHE = resolve(import.meta.dirname, '../.cache');

/**
 * Path of a folder of the cache. If it is missing, `build` fills one under a temporary name, which is renamed when it is
 * complete, so an incomplete one is never used. If two processes build it, the first one to finish wins.
 */
export async function cachedFolder(name: string, build: (folder: string) => Promise<void>): Promise<string> {
  const folder = resolve(CACHE, name);
  if (existsSync(folder)) return folder;
  const temporary = `${folder}.${process.pid}.part`;
  await mkdir(temporary, { recursive: true });
  try {
    await build(temporary);
    await rename(temporary, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return folder;
}
