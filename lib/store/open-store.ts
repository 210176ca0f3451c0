// Opens the store at a location. The SDK for buckets is loaded only on first use.
import { fileURLToPath } from 'node:url';
import type { ProxyEnv } from '../environment/proxy-variables.ts';
import { folderStore } from './folder/folder-store.ts';
import type { Visibility } from './headers.ts';
import { isS3, parseS3Address } from './s3/address.ts';
import { type Store, StoreError } from './store.ts';
import { webStore } from './web/web-store.ts';

/** The supported locations, for error messages. */
const SUPPORTED_LOCATIONS = 'a folder, s3://bucket/prefix or an https:// address';

export interface OpenOptions {
  /** Who may cache the written objects, for the headers in a bucket. @default 'private' */
  readonly visibility?: Visibility;
  /** The proxies for buckets and web addresses. @default none */
  readonly proxyEnv?: ProxyEnv;
  /** Aborts reads from a web address, and all operations on a bucket; they reject with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Opens the store at a folder's path, a `file://` URL, `s3://bucket/prefix`, or a web address (read only).
 * @throws {StoreError} if the location is empty, or of a kind that is not supported
 */
export function openStore(location: string, options: OpenOptions = {}): Store {
  if (location.trim() === '') throw new StoreError('', `no place given: use ${SUPPORTED_LOCATIONS}`);
  if (isS3(location)) return bucketStore(location, options);
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(location)?.[1]?.toLowerCase();
  if (scheme === undefined) return folderStore(location);
  if (scheme === 'https' || scheme === 'http') return webStore(location, options);
  if (scheme === 'file') return folderStore(pathOf(location));
  throw new StoreError('', `${location}: ${scheme}:// is not supported: use ${SUPPORTED_LOCATIONS}`);
}

/** A bucket's store that loads the SDK on first use, so that commands on a folder start faster. */
function bucketStore(location: string, { visibility, proxyEnv, signal }: OpenOptions): Store {
  parseS3Address(location);
  const options = {
    ...(visibility && { visibility }),
    ...(proxyEnv && { proxyEnv }),
    ...(signal && { signal }),
  };
  let opening: Promise<Store> | undefined;
  const store = (): Promise<Store> => {
    opening ??= import('./s3/s3-store.ts').then(({ s3Store }) => s3Store(location, options));
    return opening;
  };
  return {
    location,
    get: async (key, range) => (await store()).get(key, range),
    getIfChanged: async (key, etag, range) => (await store()).getIfChanged(key, etag, range),
    head: async (key) => (await store()).head(key),
    put: async (key, body, precondition, sameAs) => (await store()).put(key, body, precondition, sameAs),
    list: async (prefix) => (await store()).list(prefix),
    listFolders: async (prefix) => (await store()).listFolders(prefix),
    delete: async (key) => (await store()).delete(key),
    sync: async (keyOrPrefix) => (await store()).sync(keyOrPrefix),
    checkPreconditions: async () => (await store()).checkPreconditions(),
  };
}

/** The path in a `file://` URL. @throws {StoreError} if the URL names another machine */
function pathOf(location: string): string {
  try {
    return fileURLToPath(location);
  } catch (cause) {
    throw new StoreError('', `${location}: not a file:// address of this machine: give the folder's path`, {
      cause,
    });
  }
}
