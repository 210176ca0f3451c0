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

/**
 * The process's own streams and signals. A second Ctrl-C ends the process at once. A terminal that is closed ends all but
 * an export, which goes on to its end: output that nobody takes costs no release.
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

/** Nobody reads any more: a pipe or a terminal was closed at its other end. */
const CLOSED_OUTPUT_ERRORS = ['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED'];

/**
 * Keeps the process going when its output cannot be written. Output that nobody takes is no fault; a result that could
 * not be written for another reason, such as a full disk, is said in one line, and is this exit status where all else is
 * well.
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

/** Tells how a command ends. */
export type Finish = (exit: Exit) => void;
