// A SOURCE or destination as the user gave it: what is wrong with it is said before anything is asked or written.
import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConfigurationError } from '../config.ts';
import { openStore } from '../store/open.ts';
import { type Store, StoreError } from '../store/store.ts';

/** Opens a place to read from. @throws {ConfigurationError} if it is of a kind that cannot be read */
export function openSource(source: string): Store {
  try {
    return openStore(source);
  } catch (error) {
    if (error instanceof StoreError) throw new ConfigurationError(error.message);
    throw error;
  }
}

/** Opens a place to write to. @throws {ConfigurationError} if it is read only, no folder, or may not be written */
export async function openDestination(to: string): Promise<Store> {
  if (/^https?:\/\//.test(to))
    throw new ConfigurationError(`--to ${to}: a web address is read only; give a folder`);
  const store = openSource(to);
  await checkFolder(to);
  return store;
}

/** The folder, or the nearest one above that exists, must be a folder and writable. */
async function checkFolder(to: string): Promise<void> {
  let place = resolve(to);
  for (;;) {
    const found = await stat(place).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw new ConfigurationError(`--to ${to}: ${place} cannot be read (${error.code}); give a folder`);
    });
    if (found && !found.isDirectory())
      throw new ConfigurationError(`--to ${to}: ${place} is a file; give a folder`);
    if (found) break;
    place = dirname(place);
  }
  await access(place, constants.W_OK | constants.X_OK).catch((error: NodeJS.ErrnoException) => {
    throw new ConfigurationError(
      `--to ${to}: ${place} cannot be written (${error.code}); give another folder`,
    );
  });
}
