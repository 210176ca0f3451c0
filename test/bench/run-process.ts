// Fresh processes and what they cost. A child's peak memory is never told below its parent's, so this program stays
// small: whatever needs memory of its own is done in a child too.
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

/** A process that has ended well. */
export interface Ended {
  readonly cost: Cost;
  /** All that it printed. */
  readonly said: string;
}

export interface Command {
  /** How an error names it. */
  readonly name: string;
  readonly program?: string;
  readonly words: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Path of a file of `inside/`, which holds what runs in the processes that are measured. */
export const inside = (name: string): string => join(import.meta.dirname, 'inside', name);

/** The module that leaves gzip out, of CSV or raw answers or both; `memory` is the folder of what it remembers. */
export function remembering(memory: string, kinds: readonly ('csv' | 'raw')[]): string {
  const url = pathToFileURL(inside('cache-gzip.mjs'));
  url.search = new URLSearchParams({
    folder: memory,
    ...Object.fromEntries(kinds.map((kind) => [kind, ''])),
  }).toString();
  return url.href;
}

/** A Node process that tells its cost; `preload` are paths or URLs of further modules to load before. */
export const freshNode = (
  { words, ...command }: Omit<Command, 'program'>,
  preload: readonly string[] = [],
): Promise<Ended> => {
  const imports = [inside('cost.mjs'), ...preload].flatMap((path) => ['--import', path]);
  return fresh({ ...command, words: [...imports, ...words] });
};

/**
 * Runs a program that sees no other environment and tells its cost on file descriptor 3, or none.
 * @throws {Error} with the last line that it wrote on stderr if it fails
 */
export async function fresh({
  name,
  program = process.execPath,
  words,
  environment = {},
}: Command): Promise<Ended> {
  const started = performance.now();
  const child = spawn(program, words, {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const exit = once(child, 'exit').then(([code]) => ({ code, wall: (performance.now() - started) / 1000 }));
  const streams = [child.stdout, child.stderr, child.stdio[3]] as Readable[];
  const [{ code, wall }, said, complained, told] = await Promise.all([
    exit,
    ...(streams.map((stream) => text(stream)) as [Promise<string>, Promise<string>, Promise<string>]),
  ]);
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${lastLine(complained)}`);
  return { said, cost: { wall, cpu: 0, rss: 0, ...(told ? (JSON.parse(told) as Omit<Cost, 'wall'>) : {}) } };
}

/** The message of an error that Node or Python has shown, or the last line that there is. */
function lastLine(shown: string): string {
  const lines = shown.trim().split('\n');
  return lines.find((line) => /^\w*Error\b.*: /.test(line)) ?? lines.at(-1) ?? '';
}
