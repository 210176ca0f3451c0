// Opens the SOURCE or destination that the user gave. It reports a wrong location before any request or write.
import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConfigurationError, readEnvironment, readProxies } from '../environment/configuration.ts';
import { LATEST } from '../release/layout.ts';
import { type OpenOptions, openStore } from '../store/open-store.ts';
import { isS3 } from '../store/s3/address.ts';
import { isMisconfiguration } from '../store/s3/errors.ts';
import { type Store, StoreError } from '../store/store.ts';

/**
 * Opens a location to read from. For commands that also write there, `visibility` sets the headers in a bucket.
 * @throws {ConfigurationError} if the location is of a kind that is not supported, or a proxy variable is not valid
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

/** Opens a location to write to. @throws {ConfigurationError} if it is read only, no folder, or not writable */
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

/** Reads the pointer, as publishing does first: the bucket must exist and the credentials must allow reading. */
async function checkBucket(store: Store): Promise<void> {
  await store.get(LATEST).catch((error) => {
    if (!(error instanceof StoreError && isMisconfiguration(error))) throw error;
    throw new ConfigurationError(`--to ${store.location}: ${error.message}`);
  });
}

/** The folder, or the nearest existing one above it, must be a writable folder. */
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
