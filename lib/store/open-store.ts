import { fileURLToPath } from 'node:url';
import type { ProxyEnv } from '../environment/proxy-variables.ts';
import { folderStore } from './folder/folder-store.ts';
import type { Visibility } from './headers.ts';
import { isS3, parseS3Address } from './s3/address.ts';
import { type Store, StoreError } from './store.ts';
import { webStore } from './web/web-store.ts';

/** What is open to a person. */
const SUPPORTED_LOCATIONS = 'a folder, s3://bucket/prefix or an https:// address';

export interface OpenOptions {
  /** Whom a bucket's headers let keep what is written; default private. */
  readonly visibility?: Visibility;
  /** The proxies through which buckets and web addresses are reached; default none. */
  readonly proxyEnv?: ProxyEnv;
  /** Ends whatever is being read from a web address, with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * The store that a person means: a folder's path or `file://` URL, `s3://bucket/prefix`, or a web address (read only).
 * @throws {StoreError} if the source is empty, or of a kind that is not supported
 */
export function openStore(source: string, options: OpenOptions = {}): Store {
  if (source.trim() === '') throw new StoreError('', `no place given: use ${SUPPORTED_LOCATIONS}`);
  if (isS3(source)) return bucketStore(source, options);
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(source)?.[1]?.toLowerCase();
  if (scheme === undefined) return folderStore(source);
  if (scheme === 'https' || scheme === 'http') return webStore(source, options);
  if (scheme === 'file') return folderStore(pathOf(source));
  throw new StoreError('', `${source}: ${scheme}:// is not supported: use ${SUPPORTED_LOCATIONS}`);
}

/** A bucket's store, for which the SDK is loaded when it is first used: who works in a folder never waits for it. */
function bucketStore(source: string, { visibility, proxyEnv }: OpenOptions): Store {
  parseS3Address(source);
  const options = { ...(visibility && { visibility }), ...(proxyEnv && { proxyEnv }) };
  let opening: Promise<Store> | undefined;
  const store = (): Promise<Store> => {
    opening ??= import('./s3/s3-store.ts').then(({ s3Store }) => s3Store(source, options));
    return opening;
  };
  return {
    location: source,
    get: async (key, range) => (await store()).get(key, range),
    head: async (key) => (await store()).head(key),
    put: async (key, body, expect) => (await store()).put(key, body, expect),
    list: async (prefix) => (await store()).list(prefix),
    listFolders: async (prefix) => (await store()).listFolders(prefix),
    delete: async (key) => (await store()).delete(key),
    sync: async (place) => (await store()).sync(place),
    checkPreconditions: async () => (await store()).checkPreconditions(),
  };
}

/** The path in a `file://` URL of this machine. */
function pathOf(source: string): string {
  try {
    return fileURLToPath(source);
  } catch (cause) {
    throw new StoreError('', `${source}: not a file:// address of this machine: give the folder's path`, {
      cause,
    });
  }
}
