// Checks that a folder's lock keeps other processes out: some network file systems accept a lock and do not enforce it.
// A second connection of this process proves nothing, because SQLite separates the connections of one process by
// itself. So we look into Linux's list of locks. If our lock is not listed, another process tries to take it.
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { StoreError } from '../store.ts';

/** Devices of file systems whose locks work. */
const checkedDevices = new Set<bigint>();

/** Linux lists its locks here: `1: POSIX ADVISORY WRITE <pid> <device>:<inode> <from> <to>`. */
const LOCKS = '/proc/locks';

/**
 * Checks that no other process can take the lock that this process holds now.
 * @throws {StoreError} if another process can
 */
export async function checkLock(file: string, locks: string = LOCKS): Promise<void> {
  const { dev, ino } = statSync(file, { bigint: true });
  if (checkedDevices.has(dev)) return;
  if (!isListed(locks, ino) && (await canOthersLock(file)))
    throw new StoreError(
      '.lock',
      `${file}: the file system does not honour locks: two runs at once could overwrite each other; use a folder on a local disk`,
    );
  checkedDevices.add(dev);
}

function isListed(locks: string, inode: bigint): boolean {
  let lines: string[];
  try {
    lines = readFileSync(locks, 'utf8').split('\n');
  } catch {
    return false;
  }
  return lines.some((line) => {
    const [, , , mode, pid, deviceAndInode] = line.split(/\s+/);
    return mode === 'WRITE' && pid === String(process.pid) && deviceAndInode?.endsWith(`:${inode}`);
  });
}

/** Exits with 0 only if it got the lock. */
const LOCK_PROBE = `
const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
new DatabaseSync(process.argv[1], { timeout: 0 }).exec('BEGIN IMMEDIATE');`;

/** True if another process could take the lock. */
function canOthersLock(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['-e', LOCK_PROBE, file], { timeout: 10_000 }, (error) =>
      resolve(error === null),
    );
  });
}
