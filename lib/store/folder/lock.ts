// The folder's lock is SQLite's on `<root>/.lock`: the kernel drops it with its owner, however that dies, so there is
// never a stale lock to break. A pid file has one, and two processes that break the same one can each delete the other's.
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from '../store.ts';

/** SQLite's result codes: somebody else has the lock; the file is not a database (so not our lock). */
const BUSY = 5;
const NOT_A_DATABASE = 26;

/**
 * Runs `work` while no other process or caller is inside for the same lock file, and resolves to its result.
 * @param wait milliseconds to wait for the lock at most
 * @throws {StoreError} if the lock cannot be had in that time, or the place cannot be locked
 */
export async function withLock<T>(file: string, wait: number, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + wait;
  let release = tryLock(file);
  while (release === null) {
    if (performance.now() > deadline) throw lockTimeoutError(file, wait);
    await sleep(1 + Math.random() * 10);
    release = tryLock(file);
  }
  try {
    return await work();
  } finally {
    release();
  }
}

/** Takes the lock and returns what lets it go, or null if somebody else has it. */
function tryLock(file: string): (() => void) | null {
  let database: ReturnType<typeof open> | undefined;
  try {
    database = open(file);
    database.exec('BEGIN IMMEDIATE');
    return database.close.bind(database);
  } catch (cause) {
    database?.close();
    const code = cause instanceof Error && 'errcode' in cause ? cause.errcode : undefined;
    if (code === BUSY) return null;
    throw cannotLockError(file, code === NOT_A_DATABASE, cause);
  }
}

/** Opens the lock file without waiting; nothing is ever written into it. */
function open(file: string) {
  const { DatabaseSync } = sqlite();
  return new DatabaseSync(file, { timeout: 0 });
}

let loaded: typeof import('node:sqlite') | undefined;

/** Loads SQLite on first use; Node 22 warns that it is experimental, which users of a folder need not read. */
function sqlite(): typeof import('node:sqlite') {
  if (loaded) return loaded;
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    loaded = process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
  return loaded;
}

function lockTimeoutError(file: string, wait: number): StoreError {
  return new StoreError(
    '.lock',
    `${file}: another process has held the lock for ${wait / 1000} s; wait until it ends, or stop it, and run again`,
  );
}

function cannotLockError(file: string, foreign: boolean, cause: unknown): StoreError {
  const why = foreign
    ? 'is not a lock file; move it away and run again'
    : 'cannot be locked; use a folder on a local disk that you may write to';
  return new StoreError('.lock', `${file}: ${why}`, { cause });
}
