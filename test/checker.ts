// Runs the independent checker, `test/checker.py`. It shares no code with `lib/` and lists the problems of a dataset.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const CHECKER = join(import.meta.dirname, 'checker.py');

export interface CheckOptions {
  /** Releases that runs reported as published: each must be in the list. */
  readonly published?: Iterable<string>;
  /** The folder was made by `download`: list, status, feed and page may be missing. */
  readonly copy?: boolean;
  /** Processes were killed here: their temporary files may stay for a day. */
  readonly killed?: boolean;
}

export interface CheckReport {
  /** One line for each problem; empty if the dataset is whole. */
  readonly problems: readonly string[];
  readonly current: string | null;
  /** Newest first. */
  readonly listed: readonly string[];
  readonly withdrawn: readonly string[];
  /** On disk, but never named by a pointer. */
  readonly unpublished: readonly string[];
  readonly files: number;
  readonly bytes: number;
}

/** Checks the dataset in a folder, in a process of Python 3. @throws {Error} if the checker cannot run */
export async function checkDataset(folder: string, options: CheckOptions = {}): Promise<CheckReport> {
  const args = [CHECKER, folder, '--json'];
  if (options.copy) args.push('--copy');
  if (options.killed) args.push('--killed');
  if (options.published) args.push('--published', '-');
  const child = spawn('python3', args, { stdio: 'pipe' });
  // If the checker ends before it has read the list, stderr has the reason.
  child.stdin.on('error', () => {});
  child.stdin.end([...(options.published ?? [])].map((release) => `${release}\n`).join(''));
  const [stdout, stderr, [exit]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (stderr || !stdout) throw new Error(`test/checker.py ended with ${exit}: ${stderr}`);
  return JSON.parse(stdout) as CheckReport;
}
