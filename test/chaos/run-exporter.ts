// Runs the command line as a process and sends it signals while it works.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { MAIN } from '../setting.ts';
import type { Dice } from './dice.ts';

/** A signal, and the milliseconds to wait before it, from the start or from the signal before. */
export interface TimedSignal {
  readonly signal: NodeJS.Signals;
  readonly after: number;
}

export interface ProcessResult {
  /** Null if a signal ended it. */
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Signals that were sent before it ended. */
  readonly signalsSent: readonly NodeJS.Signals[];
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Options for Node itself. */
  readonly node?: readonly string[];
}

/** Sends signals to a process. `send` returns false after the process has exited; `exited` is aborted then. */
export type SignalPlan = (send: (signal: NodeJS.Signals) => boolean, exited: AbortSignal) => Promise<void>;

/** Runs the command line with signals, and resolves when the process has ended. */
export async function runExporter(
  args: readonly string[],
  signals: readonly TimedSignal[] | SignalPlan = [],
  { env = {}, node = [] }: RunOptions = {},
): Promise<ProcessResult> {
  const child = spawn(process.execPath, [...node, MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
  });
  const signalsSent: NodeJS.Signals[] = [];
  const exited = new AbortController();
  const send = (signal: NodeJS.Signals): boolean => {
    if (exited.signal.aborted || !child.kill(signal)) return false;
    signalsSent.push(signal);
    return true;
  };
  const sending = (typeof signals === 'function' ? signals : sendInOrder(signals))(send, exited.signal);
  const [stdout, stderr, [exit, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  exited.abort();
  await sending;
  return { exit, signal, stdout, stderr, signalsSent };
}

const sendInOrder =
  (signals: readonly TimedSignal[]): SignalPlan =>
  async (send, exited) => {
    for (const { signal, after } of signals) {
      await sleep(after, undefined, { signal: exited }).catch(() => {});
      if (!send(signal)) return;
    }
  };

/** Typical run time of a command in milliseconds. */
const TYPICAL_MILLISECONDS = 1100;

/** Random signals for a process: none, one or two that end it, or a pause that may end in SIGKILL. */
export function randomSignals({ between, happens, pick }: Dice): TimedSignal[] {
  if (happens(40)) return [];
  const after = between(0, TYPICAL_MILLISECONDS);
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
