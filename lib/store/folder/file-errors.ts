// Turns errors of the file system into messages that say what to do.
import { constants } from 'node:os';
import { StoreConflictError, StoreError } from '../store.ts';

const REASONS: Record<string, string> = {
  ENOSPC: 'the disk is full; free some space and run again',
  EDQUOT: 'your disk quota is used up; free some space and run again',
  EFBIG: 'the file is larger than the system allows here; choose another disk or raise the limit',
  EACCES: 'permission denied; get access to it or choose another folder',
  EPERM: 'permission denied; get access to it or choose another folder',
  EROFS: 'the file system is read-only; choose another folder',
  ENOTDIR: 'a file stands where a folder is needed; move it away or choose another folder',
  EEXIST: 'a file stands where a folder is needed; move it away or choose another folder',
  EISDIR: 'a folder stands where a file is needed; move it away or choose another folder',
  ENOTEMPTY: 'a folder stands where a file is needed; move it away or choose another folder',
  ENAMETOOLONG: 'the path is too long; choose a folder with a shorter path',
  EMFILE: 'too many files are open; close some programs or raise the limit',
  ELOOP: 'is a link, and links inside the folder are not followed; put a real folder in its place',
};

/** Node's text for a full quota on systems where it has no name for the error number. */
const UNNAMED_QUOTA = `Unknown system error -${constants.errno.EDQUOT}`;

/** The system's error code (`ENOENT`, ...) of a thrown value, or ''. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return code === UNNAMED_QUOTA ? 'EDQUOT' : code;
}

/** An error with the path that caused it, if that is not the operation's own path. `error` may be an error code. */
export function errorAtPath(at: string, error: unknown): Error {
  const base = error instanceof Error ? error : Object.assign(new Error(String(error)), { code: error });
  return Object.assign(base, { at });
}

/** Turns an error of a file operation into a StoreError of one line: the path, what is wrong, what to do. */
export function fileStoreError(key: string, path: string, error: unknown): Error {
  if (error instanceof StoreError || error instanceof StoreConflictError) return error;
  if (error instanceof RangeError) return new StoreError(key, `${path} ${error.message}`, { cause: error });
  const at = error instanceof Error && 'at' in error ? error.at : path;
  const code = codeOf(error);
  const reason = REASONS[code] ?? `the system refused (${code || String(error)})`;
  return new StoreError(key, `${at}: ${reason}`, { cause: error });
}
