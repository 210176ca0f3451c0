// Runs new processes and measures their cost. The reported peak memory of a child is never below its parent's. So this program
// stays small, and work that needs memory also runs in a child.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

/** Seconds of wall time, seconds of CPU (user and system, all threads), peak RSS in MB of 1,000,000 bytes. */
export interface Cost {
  readonly wall: number;
  readonly cpu: number;
  readonly rss: number;
}

/** Result of a process that ended with code 0. */
export interface ProcessResult {
  readonly cost: Cost;
  readonly stdout: string;
}

export interface Command {
  /** Name in error messages. */
  readonly name: string;
  readonly program?: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Path of a file in `inside/`: programs and modules that run in measured processes. */
export const insidePath = (name: string): string => join(import.meta.dirname, 'inside', name);

/** URL of the module that takes gzip results of CSV, raw answers or both from the folder `gzipCache`. */
export function gzipCacheModule(gzipCache: string, kinds: readonly ('csv' | 'raw')[]): string {
  const url = pathToFileURL(insidePath('cache-gzip.mjs'));
  url.search = new URLSearchParams({
    folder: gzipCache,
    ...Object.fromEntries(kinds.map((kind) => [kind, ''])),
  }).toString();
  return url.href;
}

/** Runs Node and measures its cost; `preload` are paths or URLs of more modules to import first. */
export const runNode = (
  { args, ...command }: Omit<Command, 'program'>,
  preload: readonly string[] = [],
): Promise<ProcessResult> => {
  const imports = [insidePath('cost.mjs'), ...preload].flatMap((path) => ['--import', path]);
  return runProcess({ ...command, args: [...imports, ...args] });
};

/**
 * Runs a program with this environment only. It may write its cost to file descriptor 3.
 * @throws {Error} with its error message or the last line of stderr if it fails
 */
export async function runProcess({
  name,
  program = process.execPath,
  args,
  environment = {},
}: Command): Promise<ProcessResult> {
  const start = performance.now();
  const child = spawn(program, args, {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const exit = once(child, 'exit').then(([code]) => ({ code, wall: (performance.now() - start) / 1000 }));
  const streams = [child.stdout, child.stderr, child.stdio[3]] as Readable[];
  const [{ code, wall }, stdout, stderr, costJson] = await Promise.all([
    exit,
    ...(streams.map((stream) => text(stream)) as [Promise<string>, Promise<string>, Promise<string>]),
  ]);
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${errorLine(stderr)}`);
  return {
    stdout,
    cost: { wall, cpu: 0, rss: 0, ...(costJson ? (JSON.parse(costJson) as Omit<Cost, 'wall'>) : {}) },
  };
}

/** The error message of Node or Python, or else the last line. */
function errorLine(stderr: string): string {
  const lines = stderr.trim().split('\n');
  return lines.find((line) => /^\w*Error\b.*: /.test(line)) ?? lines.at(-1) ?? '';
}
