// Processes of the command line that are sent signals while they work.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { MAIN } from '../setting.ts';
import type { Chance } from './dice.ts';

/** A signal, and how many milliseconds after the one before it, or after the start, it is sent. */
export interface Blow {
  readonly signal: NodeJS.Signals;
  readonly after: number;
}

export interface Ended {
  /** Null if a signal ended it. */
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Signals that were sent while it lived. */
  readonly struck: readonly NodeJS.Signals[];
}

export interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node's own. */
  readonly node?: readonly string[];
}

/** What is done to a process while it lives: `send` is false once it is gone, and so is the signal `gone` aborted. */
export type Strike = (send: (signal: NodeJS.Signals) => boolean, gone: AbortSignal) => Promise<void>;

/** Runs the command line, strikes it, and resolves when it has ended, as it does whatever strikes it. */
export async function exporter(
  words: readonly string[],
  blows: readonly Blow[] | Strike = [],
  { env = {}, node = [] }: Surroundings = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [...node, MAIN, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
  });
  const struck: NodeJS.Signals[] = [];
  const gone = new AbortController();
  const send = (signal: NodeJS.Signals): boolean => {
    if (gone.signal.aborted || !child.kill(signal)) return false;
    struck.push(signal);
    return true;
  };
  const striking = (typeof blows === 'function' ? blows : inTurn(blows))(send, gone.signal);
  const [stdout, stderr, [exit, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  gone.abort();
  await striking;
  return { exit, signal, stdout, stderr, struck };
}

const inTurn =
  (blows: readonly Blow[]): Strike =>
  async (send, gone) => {
    for (const { signal, after } of blows) {
      await sleep(after, undefined, { signal: gone }).catch(() => {});
      if (!send(signal)) return;
    }
  };

/** Milliseconds in which a command does its work, about. */
const LIFE = 1100;

/** What strikes a process: nothing, a polite or a rude end, two of them, or a pause that may be its last. */
export function blowsFor({ between, happens, pick }: Chance): Blow[] {
  if (happens(40)) return [];
  const after = between(0, LIFE);
  const signal = pick(['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT', 'SIGSTOP'] as const);
  if (signal === 'SIGSTOP')
    return [
      { signal, after },
      { signal: happens(25) ? 'SIGKILL' : 'SIGCONT', after: between(20, 1500) },
    ];
  return signal !== 'SIGKILL' && happens(25)
    ? [
        { signal, after },
        { signal, after: between(0, 50) },
      ]
    : [{ signal, after }];
}
