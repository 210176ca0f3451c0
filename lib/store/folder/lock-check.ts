// Whether a folder's lock keeps other processes out: on some network file systems it keeps nobody out, and says nothing.
// SQLite keeps the connections of one process apart by itself, so only the system can tell. Linux lists the locks that it
// holds; where it does not list ours, another process tries to take it.
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { StoreError } from '../store.ts';

/** File systems, by their devices, whose locks were found to hold. */
const checkedDevices = new Set<bigint>();

/** Where Linux lists its locks: `1: POSIX ADVISORY WRITE <pid> <device>:<inode> <from> <to>`. */
const LOCKS = '/proc/locks';

/**
 * Checks that nobody else can take the lock that this process holds now.
 * @throws {StoreError} if somebody can
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

/** Ends well only for whoever has taken the lock. */
const LOCK_PROBE = `
const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
new DatabaseSync(process.argv[1], { timeout: 0 }).exec('BEGIN IMMEDIATE');`;

/** Whether another process could take the lock just so. */
function canOthersLock(file: string): Promise<boolean> {
  return new Promise((done) => {
    execFile(process.execPath, ['-e', LOCK_PROBE, file], { timeout: 10_000 }, (error) =>
      done(error === null),
    );
  });
}
