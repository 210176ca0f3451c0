// The independent checker, `test/checker.py`: it shares no code with `lib/`, and says what is wrong with a dataset.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const CHECKER = join(import.meta.dirname, 'checker.py');

export interface CheckOptions {
  /** Releases that runs said they published: each must be listed, or it is lost. */
  readonly published?: Iterable<string>;
  /** Made by `download`: list, status, feed and page may be absent. */
  readonly copy?: boolean;
  /** Processes were killed here: their temporary files may be there for a day. */
  readonly killed?: boolean;
}

export interface CheckReport {
  /** A line each; none if the dataset is whole. */
  readonly problems: readonly string[];
  readonly current: string | null;
  /** Newest first. */
  readonly listed: readonly string[];
  readonly withdrawn: readonly string[];
  /** On disk, and never named by a pointer. */
  readonly unpublished: readonly string[];
  readonly files: number;
  readonly bytes: number;
}

/** Checks the dataset in a folder by the checker, in a process of Python 3. @throws {Error} if that cannot be run */
export async function checkDataset(folder: string, options: CheckOptions = {}): Promise<CheckReport> {
  const args = [CHECKER, folder, '--json'];
  if (options.copy) args.push('--copy');
  if (options.killed) args.push('--killed');
  if (options.published) args.push('--published', '-');
  const child = spawn('python3', args, { stdio: 'pipe' });
  // One that ends before it has read the list says why on stderr.
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
