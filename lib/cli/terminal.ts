// The output of commands: results go to stdout, all else to stderr. Only `lib/cli` prints.
import { printable } from './printable.ts';

/** Output and signals of the command line. Tests pass their own. */
export interface Terminal {
  /** Prints a result to stdout. */
  readonly result: (text: string) => void;
  /** Prints any other text to stderr. */
  readonly note: (text: string) => void;
  /** stderr if it is a terminal that can redraw a line, otherwise null. */
  readonly screen: NodeJS.WriteStream | null;
  /** Aborts at the first Ctrl-C, SIGTERM or, except for `export`, SIGHUP. */
  readonly interrupted: AbortSignal;
}

/**
 * The streams and signals of this process. A second Ctrl-C ends the process at once. A closed terminal ends every
 * command but `export`, which continues, so that its release is still published.
 */
export function processTerminal(args: readonly string[] = []): Terminal {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort(new InterruptedError());
  const isExport = args[0] === 'export';
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  process.on('SIGHUP', isExport ? () => {} : onSignal);
  tolerateOutputErrors(isExport ? EXIT.incomplete : EXIT.failed);
  return {
    result: (text) => process.stdout.write(`${text}\n`),
    note: (text) => process.stderr.write(`${text}\n`),
    screen: process.stderr.isTTY ? process.stderr : null,
    interrupted: stop.signal,
  };
}

/** Error codes of a pipe or terminal that was closed at its other end. */
const CLOSED_OUTPUT_ERRORS = ['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED'];

/**
 * Keeps the process running if its output cannot be written. A closed output is ignored. Another failure, such as a
 * full disk, is reported in one line, and changes the exit status 0 to `exit`.
 */
function tolerateOutputErrors(exit: Exit): void {
  const isClosedOutput = (error: NodeJS.ErrnoException): boolean =>
    CLOSED_OUTPUT_ERRORS.includes(error.code ?? '');
  let hasFailed = false;
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isClosedOutput(error) || hasFailed) return;
    hasFailed = true;
    process.stderr.write(`dtm-exporter: the result could not be written to stdout (${error.message})\n`);
  });
  process.on('exit', (code) => {
    if (hasFailed && code === EXIT.done) process.exitCode = exit;
  });
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

/** Receives the exit status of a command. */
export type Finish = (exit: Exit) => void;

/** Prints the steps that are left to finish, and how to repeat them. Returns the exit status. */
export function noteUnfinished({ note }: Pick<Terminal, 'note'>, steps: readonly string[]): Exit {
  for (const step of steps)
    note(`dtm-exporter: left to finish: ${printable(step)}; run the same command again`);
  return steps.length === 0 ? EXIT.done : EXIT.incomplete;
}
