// A file's bytes are on the disk before it has a name; its name is there for good only when its folder was written to
// the disk, too. That is done once a folder, when a caller is about to rely on all names in it, and not once a file: for
// a release of 400 files in 366 folders it takes 0.01 s on ext4 and XFS and 0.1 s on btrfs.
import { closeSync, fsync, fsyncSync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { codeOf, errorAtPath } from './file-errors.ts';

const sync = promisify(fsync);

/** What the system says of a folder that was removed meanwhile, that may not be opened, or that cannot be synced there. */
const IGNORED_SYNC_ERRORS = [
  ...['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EISDIR'],
  ...['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'],
];

/** Makes the names in folders outlive a loss of power, one folder after the other: they share the journal's commit. */
export async function syncFolders(folders: Iterable<string>): Promise<void> {
  for (const folder of folders) {
    const file = undefinedIfIgnored(folder, () => openSync(folder, 'r'));
    if (file === undefined) continue;
    await sync(file)
      .catch((error) => throwUnlessIgnored(folder, error))
      .finally(() => closeSync(file));
  }
}

/** The same of one folder, at once: where the root is made, which happens once. */
export function syncFolderNow(folder: string): void {
  const file = undefinedIfIgnored(folder, () => openSync(folder, 'r'));
  if (file === undefined) return;
  undefinedIfIgnored(folder, () => fsyncSync(file));
  closeSync(file);
}

/** What an operation on a folder gives, or undefined if that folder is not to be synced. */
function undefinedIfIgnored<T>(folder: string, operation: () => T): T | undefined {
  try {
    return operation();
  } catch (error) {
    throwUnlessIgnored(folder, error);
    return undefined;
  }
}

function throwUnlessIgnored(folder: string, error: unknown): void {
  if (!IGNORED_SYNC_ERRORS.includes(codeOf(error))) throw errorAtPath(folder, error);
}
