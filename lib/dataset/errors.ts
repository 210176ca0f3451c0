// The one error of the reader. Its `kind` says what happened, so a program need not read the message.

/** What went wrong; docs/reader.md has the table. */
export type DatasetErrorKind =
  | 'usage'
  | 'none-published'
  | 'no-release'
  | 'withdrawn'
  | 'expired'
  | 'other-version'
  | 'newer-major'
  | 'no-table'
  | 'no-column'
  | 'no-country'
  | 'gap'
  | 'no-file'
  | 'damaged'
  | 'replaced'
  | 'unreachable';

/** What is known about an error. */
export interface DatasetErrorDetails {
  /** The file, relative to the dataset. */
  readonly path?: string;
  /** The HTTP status, if a server answered. */
  readonly status?: number;
  readonly release?: string;
  /** Why a release was withdrawn. */
  readonly reason?: string;
  /** The day on which a release was withdrawn, or the time at which it expired. */
  readonly date?: string;
  /** The names that exist, if one was asked for that does not. */
  readonly available?: readonly string[];
  readonly cause?: unknown;
}

/** Every error of the reader, except the reason of an aborted signal, which is thrown as it is. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
  readonly kind: DatasetErrorKind;
  readonly path: string | undefined;
  readonly status: number | undefined;
  readonly release: string | undefined;
  readonly reason: string | undefined;
  readonly date: string | undefined;
  readonly available: readonly string[];

  constructor(kind: DatasetErrorKind, message: string, details: DatasetErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.kind = kind;
    this.path = details.path;
    this.status = details.status;
    this.release = details.release;
    this.reason = details.reason;
    this.date = details.date;
    this.available = details.available ?? [];
  }
}

/** Names listed in a message. */
const MAX_SHOWN = 12;

/** Lists the names that exist, for a message; the first twelve, and how many more. */
export function listNames(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length - MAX_SHOWN;
  return names.slice(0, MAX_SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** An error of kind `damaged` about a file. */
export const damaged = (path: string, what: string, cause?: unknown): DatasetError =>
  new DatasetError('damaged', `${path} is damaged: ${what}`, {
    path,
    ...(cause === undefined ? {} : { cause }),
  });
