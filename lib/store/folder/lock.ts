// The folder's lock is SQLite's lock on `<root>/.lock`. The kernel releases it when its owner ends, so there is no
// stale lock. A pid file can become stale, and two processes that remove the same stale file can each delete the
// other's new one.
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError } from '../store.ts';

/** SQLite's result codes: another connection has the lock; the file is not a database (so not our lock). */
const BUSY = 5;
const NOT_A_DATABASE = 26;

/**
 * Runs `work` under the lock: no other process or caller works under the same lock file meanwhile. Resolves to its
 * result.
 * @param wait the longest wait for the lock, in milliseconds
 * @throws {StoreError} if the lock is not free in that time, or the file cannot be locked
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

/** Takes the lock and returns a function that releases it. Null if the lock is taken. */
export function tryLock(file: string): (() => void) | null {
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

/** Opens the lock file without waiting. Nothing is ever written into it. */
function open(file: string) {
  const { DatabaseSync } = sqlite();
  return new DatabaseSync(file, { timeout: 0 });
}

let loaded: typeof import('node:sqlite') | undefined;

/** Loads SQLite on first use, without Node 22's warning that it is experimental. */
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
