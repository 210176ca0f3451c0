// The interface of all stores. Every store gives two guarantees between processes: a key is created only once
// (`absent`), and an object is replaced only if its etag is still the one that the writer read (`etag`).

/**
 * What a write requires of the stored object: it is absent, it has this etag, or anything. `anything` is for copies and
 * for a run's working files. Such working files may be lost in a power failure.
 */
export type Precondition = 'absent' | { readonly etag: string } | 'anything';

/**
 * A stored object without its bytes. `etag` changes whenever the bytes change. `modified` is the time of the write; in a
 * folder, an object that shares the file of another one (see `put`) has the time of the other one's write.
 */
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

/** A stored object's bytes, or those of the requested range, and its version. */
export interface StoredObject {
  readonly body: Uint8Array;
  readonly etag: string;
}

/** The objects of one dataset: in a folder, below a bucket's prefix, or (read only) at a web address. */
export interface Store {
  /** The prefix as a person writes it: a path, `s3://bucket/prefix`, `https://...`. */
  readonly location: string;
  /**
   * Returns the object's bytes and etag, or null if there is no object. With `range`, only those bytes.
   * @throws {StoreError} whose cause is a RangeError if the object has no bytes in the range
   */
  get(key: string, range?: ByteRange): Promise<StoredObject | null>;
  /**
   * As `get`, but `unchanged`, without the bytes, if the object still has this etag. It is one request. An empty etag is
   * the version of no object.
   */
  getIfChanged(key: string, etag: string, range?: ByteRange): Promise<StoredObject | 'unchanged' | null>;
  /** Returns the object's metadata, or null if there is no object. */
  head(key: string): Promise<ObjectMetadata | null>;
  /**
   * Writes the whole object or nothing, and returns its new etag.
   * @param sameAs a hint: the key of an object of this store that probably has the same bytes. If it has, a folder gives
   * its file a second name in place of writing the bytes again. A bucket ignores the hint.
   * @throws {StoreConflictError} if the stored object does not meet the precondition
   */
  put(key: string, body: Uint8Array, precondition: Precondition, sameAs?: string): Promise<string>;
  /** Lists all objects whose key starts with `prefix` (which ends in `/` or is empty), in order of key. */
  list(prefix: string): Promise<ObjectMetadata[]>;
  /** Lists the names, without slash, of the folders directly below `prefix`, in order. */
  listFolders(prefix: string): Promise<string[]>;
  /** Deletes the object. A missing object is no error. */
  delete(key: string): Promise<void>;
  /**
   * Makes written objects durable: all below a prefix (which ends in `/`), or one object, and the folders above.
   * Call it before you publish a reference to these objects. In a bucket it does nothing: S3 confirms a write only when
   * it is durable.
   */
  sync(keyOrPrefix: string): Promise<void>;
  /**
   * Tests, once for a store, whether it gives the two guarantees above. Call it before the first write.
   * @throws {StoreError} if it does not; the message names the missing guarantee
   */
  checkPreconditions(): Promise<void>;
}

/** A create-only or compare-and-swap write found another object than its precondition requires. Nothing was written. */
export class StoreConflictError extends Error {
  override readonly name = 'StoreConflictError';
  readonly key: string;
  constructor(key: string, expected: string) {
    super(`${key}: expected ${expected}, found something else; nothing was written`);
    this.key = key;
  }
}

/** The store cannot do the operation: no permission, no space, not a folder, an invalid key, no connection. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly key: string;
  constructor(key: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.key = key;
  }
}
