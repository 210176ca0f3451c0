// A SOURCE or destination as the user gave it: what is wrong with it is said before anything is asked or written.
import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConfigurationError, readEnvironment, readProxies } from '../environment/configuration.ts';
import { LATEST } from '../release/layout.ts';
import { type OpenOptions, openStore } from '../store/open-store.ts';
import { isS3 } from '../store/s3/address.ts';
import { isMisconfiguration } from '../store/s3/errors.ts';
import { type Store, StoreError } from '../store/store.ts';

/**
 * Opens a place to read from; what is written there nevertheless is for whom `visibility` says.
 * @throws {ConfigurationError} if it is of a kind that cannot be read, or the proxy to it is none
 */
export function openSource(source: string, options: Omit<OpenOptions, 'proxyEnv'> = {}): Store {
  const isRemote = isS3(source) || /^https?:/i.test(source);
  try {
    return openStore(source, { ...options, ...(isRemote && { proxyEnv: readProxies() }) });
  } catch (error) {
    if (error instanceof StoreError) throw new ConfigurationError(error.message);
    throw error;
  }
}

/** Opens a place to write to. @throws {ConfigurationError} if it is read only, no folder, or may not be written */
export async function openDestination(to: string): Promise<Store> {
  if (/^https?:\/\//.test(to))
    throw new ConfigurationError(
      `--to ${to}: a web address is read only; give a folder or s3://bucket/prefix`,
    );
  const store = isS3(to)
    ? openSource(to, { visibility: readEnvironment().terms.visibility })
    : openSource(to);
  await (isS3(to) ? checkBucket(store) : checkFolder(to));
  return store;
}

/** Whoever publishes reads the pointer first: the bucket must be there and let the credentials read. */
async function checkBucket(store: Store): Promise<void> {
  await store.get(LATEST).catch((error) => {
    if (!(error instanceof StoreError && isMisconfiguration(error))) throw error;
    throw new ConfigurationError(`--to ${store.location}: ${error.message}`);
  });
}

/** The folder, or the nearest one above that exists, must be a folder and writable. */
async function checkFolder(to: string): Promise<void> {
  let folder = resolve(to);
  for (;;) {
    const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw new ConfigurationError(`--to ${to}: ${folder} cannot be read (${error.code}); give a folder`);
    });
    if (found && !found.isDirectory())
      throw new ConfigurationError(`--to ${to}: ${folder} is a file; give a folder`);
    if (found) break;
    folder = dirname(folder);
  }
  await access(folder, constants.W_OK | constants.X_OK).catch((error: NodeJS.ErrnoException) => {
    throw new ConfigurationError(
      `--to ${to}: ${folder} cannot be written (${error.code}); give another folder`,
    );
  });
}
