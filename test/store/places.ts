// Folders and processes that the store's tests use up.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

/** An empty folder that is removed after the test. */
export async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'store-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Every file and folder below a folder, dotfiles included, in order. */
export async function everythingIn(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

export const WORKER = join(import.meta.dirname, 'worker.ts');

/** A process that is killed, or may write little, would leave half a coverage report, which spoils the whole. */
export const UNCOVERED = { ...process.env, NODE_V8_COVERAGE: '' };

/** Starts a worker, which is killed after the test. */
export function start(t: TestContext, ...args: (string | number)[]): ChildProcess {
  const child = spawn(process.execPath, [WORKER, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: UNCOVERED,
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

/** Starts a worker and resolves to what it printed. */
export async function run(t: TestContext, ...args: (string | number)[]): Promise<unknown> {
  return result(start(t, ...args));
}

/** What a process prints as JSON until its end. */
export async function result(child: ChildProcess): Promise<unknown> {
  if (child.stdout === null) throw new Error('no stdout');
  return JSON.parse(await text(child.stdout));
}

/** Waits until a worker has said its first line. */
export async function begun(child: ChildProcess): Promise<void> {
  if (child.stdout !== null) await once(child.stdout, 'data');
}

/** Kills a process where it stands, and waits until it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
