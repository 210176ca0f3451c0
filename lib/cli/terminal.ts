// Where commands print: results to stdout, all else to stderr. Nothing below `lib/cli` prints.

/** What the command line is connected to; tests give their own. */
export interface Terminal {
  readonly result: (text: string) => void;
  readonly note: (text: string) => void;
  /** The stream of notes where it is a terminal that can redraw a line, else null. */
  readonly screen: NodeJS.WriteStream | null;
  /** Resolves at the first Ctrl-C (or a polite kill) and never otherwise. */
  readonly interrupted: AbortSignal;
}

/** The process's own streams and signals. A second Ctrl-C ends the process at once. */
export function processTerminal(): Terminal {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new InterruptedError());
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  return {
    result: (text) => process.stdout.write(`${text}\n`),
    note: (text) => process.stderr.write(`${text}\n`),
    screen: process.stderr.isTTY ? process.stderr : null,
    interrupted: stop.signal,
  };
}

/** The user stopped the command. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  constructor() {
    super('stopped');
  }
}

/** Exit statuses of the command line. */
export const EXIT = { done: 0, failed: 1, usage: 2, incomplete: 3 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** Tells how a command ends. */
export type Finish = (exit: Exit) => void;
