// Watches a source: takes turns until it is stopped, one watcher at a time for a state file.
import { setTimeout } from 'node:timers/promises';
import { ConfigurationError } from '../../environment/configuration.ts';
import { DamagedFileError } from '../../release/manifest.ts';
import { tryLock } from '../../store/folder/lock.ts';
import { checkLock } from '../../store/folder/lock-check.ts';
import { StoreError } from '../../store/store.ts';
import { CommandStartError } from './command.ts';
import { createStateFolder } from './state.ts';
import { type Turn, type TurnOptions, takeTurn, type Watcher } from './turn.ts';

/** The clocks that a watcher uses, in milliseconds, and its sleep, which ends early at an abort. */
export interface WatchClock {
  readonly wall: () => number;
  readonly monotonic: () => number;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** The clocks of this machine. */
export const SYSTEM_CLOCK: WatchClock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }).catch(() => {}),
};

/** A timer stands still while a machine sleeps, so the clocks are compared at least this often, in milliseconds. */
const MAX_SLEEP = 30_000;

/** A turn that could not be taken, with the reason. The next one may succeed. */
export interface FailedTurn {
  readonly outcome: 'unreachable';
  readonly reason: string;
}

export interface WatchOptions extends TurnOptions {
  /** Seconds from the beginning of a turn to that of the next one. */
  readonly every: number;
  readonly clock: WatchClock;
  /** Gets what each turn found and did. */
  readonly onTurn: (turn: Turn | FailedTurn) => void;
}

/** Takes turns until the signal aborts. @throws what `takeTurn` throws, but for failures of the source */
export async function watchSource(watcher: Watcher, options: WatchOptions): Promise<void> {
  const { clock, every, signal, onTurn } = options;
  while (!signal.aborted) {
    const start = { wall: clock.wall(), monotonic: clock.monotonic() };
    const turn = await takeTurnOrFail(watcher, options);
    if (turn) onTurn(turn);
    await waitUntilDue({ clock, start, every }, signal);
  }
}

/** Takes one turn. Null if it was stopped before the command began. */
async function takeTurnOrFail(watcher: Watcher, options: TurnOptions): Promise<Turn | FailedTurn | null> {
  try {
    return await takeTurn(watcher, options);
  } catch (error) {
    if (options.signal.aborted && error === options.signal.reason) return null;
    const isExpected = [StoreError, DamagedFileError, CommandStartError].some(
      (type) => error instanceof type,
    );
    if (!isExpected) throw error;
    return { outcome: 'unreachable', reason: (error as Error).message };
  }
}

/** Waits until one of the clocks says that the time is over: the wall clock goes on while a machine sleeps. */
async function waitUntilDue(
  { clock, start, every }: { clock: WatchClock; start: { wall: number; monotonic: number }; every: number },
  signal: AbortSignal,
): Promise<void> {
  const left = (): number =>
    every * 1000 - Math.max(clock.wall() - start.wall, clock.monotonic() - start.monotonic);
  for (let wait = left(); wait > 0 && !signal.aborted; wait = left())
    await clock.sleep(Math.min(wait, MAX_SLEEP), signal);
}

/**
 * Does some work while no other process watches with this state file. Null if another one does. The system drops the lock
 * when its process ends.
 * @throws {ConfigurationError} if no file can be locked there
 */
export async function withWatchLock<T>(statePath: string, work: () => Promise<T>): Promise<T | null> {
  createStateFolder(statePath);
  const file = `${statePath}.lock`;
  const release = await orMisconfigured(async () => tryLock(file));
  if (release === null) return null;
  try {
    await orMisconfigured(() => checkLock(file));
    return await work();
  } finally {
    release();
  }
}

async function orMisconfigured<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new ConfigurationError(`--state: ${error.message}`, { cause: error });
  }
}
