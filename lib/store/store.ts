// Where bytes live. Two promises hold between processes, and everything above relies on them: a key is created
// once (`absent`), and a pointer moves only from the state that its mover has seen (`etag`).

/**
 * What a write expects to find: nothing yet, the version it has read, or (a run's own files, which may then be lost with
 * the power, and copies) whatever is there.
 */
export type Precondition = 'absent' | { readonly etag: string } | 'anything';

/** A stored object's facts; `etag` changes whenever the bytes do. `modified` is when it was written. */
export interface ObjectMetadata {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  readonly modified: Date;
}

/** An inclusive range of byte offsets. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** One dataset's bytes under one prefix: a folder, a bucket's prefix, or (read only) a web address. */
export interface Store {
  /** The prefix as a person writes it: a path, `s3://bucket/prefix`, `https://...`. */
  readonly location: string;
  /**
   * The object's bytes and etag, or null if there is none. With `range`, only those bytes.
   * @throws {StoreError} whose cause is a RangeError if it has no such bytes
   */
  get(key: string, range?: ByteRange): Promise<{ body: Uint8Array; etag: string } | null>;
  /** The object's facts without its bytes, or null if there is none. */
  head(key: string): Promise<ObjectMetadata | null>;
  /**
   * Writes the whole object or nothing, and returns its new etag.
   * @throws {StoreConflictError} if what is there is not what was expected
   */
  put(key: string, body: Uint8Array, precondition: Precondition): Promise<string>;
  /** Every object whose key starts with `prefix` (which ends in `/` or is empty), in order of key. */
  list(prefix: string): Promise<ObjectMetadata[]>;
  /** The names, without slash, of the folders directly below `prefix`, in order. */
  listFolders(prefix: string): Promise<string[]>;
  /** Removes the object; one that is not there is no error. */
  delete(key: string): Promise<void>;
  /**
   * Makes what was written outlive a loss of power: all names below a prefix (which ends in `/`), or the one of an
   * object, and the folders above. Whoever lets others rely on what lies there calls it before. A bucket promises this by
   * its answer to the write.
   */
  sync(keyOrPrefix: string): Promise<void>;
  /**
   * Tries, once for a store, whether the place keeps the two promises above. Whoever is about to write calls it first.
   * @throws {StoreError} that names the promise which it does not keep
   */
  checkPreconditions(): Promise<void>;
}

/** A create-only or compare-and-swap write met something else than it expected; nothing was written. */
export class StoreConflictError extends Error {
  override readonly name = 'StoreConflictError';
  readonly key: string;
  constructor(key: string, expected: string) {
    super(`${key}: expected ${expected}, found something else; nothing was written`);
    this.key = key;
  }
}

/** The place itself refuses: no permission, no space, not a folder, a key that would leave it. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly key: string;
  constructor(key: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.key = key;
  }
}
