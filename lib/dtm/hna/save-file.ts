// Writes a downloaded file. It is written under a temporary name and renamed: a reader never sees half a file.
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { DTMFileError, ValidationError } from '../errors.ts';
import { showValue } from '../show-value.ts';
import { safeFileName } from './file-name.ts';

/** Where a file goes. `name` is null in a folder: the API's name is used. */
export interface Target {
  readonly folder: string;
  readonly name: string | null;
}

/**
 * Finds the target before anything is asked for.
 * @throws {ValidationError} if the path is no text
 * @throws {DTMFileError} if there is no such folder, or if it cannot be written to
 */
export async function findTarget(filePath: unknown): Promise<Target> {
  if (typeof filePath !== 'string' || filePath === '' || filePath.includes('\0'))
    throw new ValidationError(
      'filePath',
      filePath,
      `filePath: expected the path of a file or folder, got ${showValue(filePath)}`,
    );
  const path = resolve(filePath);
  const isFolder = filePath.endsWith('/') || filePath.endsWith(sep) || (await isDirectory(path));
  const target = isFolder ? { folder: path, name: null } : { folder: dirname(path), name: basename(path) };
  try {
    if (!(await stat(target.folder)).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    await access(target.folder, constants.W_OK);
  } catch (error) {
    throw fileError(filePath, error);
  }
  return target;
}

const isDirectory = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );

/**
 * Writes the bytes to the target, and returns the whole path. A file of that name is replaced in one step.
 * @throws {DTMFileError} if the system refuses; or the signal's reason
 */
export async function saveFile(
  { folder, name }: Target,
  bytes: Uint8Array,
  { fileName, signal }: { fileName: string | null; signal: AbortSignal | undefined },
): Promise<string> {
  const path = join(folder, name ?? safeFileName(fileName));
  const temporary = join(folder, `.dtm-${randomUUID()}.part`);
  try {
    await writeNew(temporary, bytes);
    signal?.throwIfAborted();
    await rename(temporary, path);
    return path;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    signal?.throwIfAborted();
    throw fileError(path, error);
  }
}

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

const ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such folder: make it first',
  ENOTDIR: 'a file stands where a folder is needed',
  EISDIR: 'a folder stands where the file is needed: choose another name',
  EACCES: 'permission denied: choose another folder',
  EPERM: 'permission denied: choose another folder',
  EROFS: 'the file system is read-only: choose another folder',
  ENOSPC: 'the disk is full: free some space',
  EDQUOT: 'your disk quota is used up: free some space',
  EFBIG: 'the file is larger than the system allows here',
  ENAMETOOLONG: 'the path is too long',
};

function fileError(path: string, cause: unknown): DTMFileError {
  const { code } = Object(cause) as { code?: unknown };
  const known = typeof code === 'string' ? code : undefined;
  const problem = ADVICE[known ?? ''] ?? 'the system refused';
  const suffix = known === undefined ? '' : ` (${known})`;
  return new DTMFileError(path, `filePath: ${path} cannot be written: ${problem}${suffix}`, {
    code: known,
    cause,
  });
}
