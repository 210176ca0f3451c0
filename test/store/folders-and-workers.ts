// Temporary folders, and worker processes that write to a store.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

/** Creates an empty folder that is removed after the test. */
export async function emptyFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'store-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Lists every file and folder below a folder, also dotfiles, in order. */
export async function everythingIn(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}

export const WORKER = join(import.meta.dirname, 'worker.ts');

/** Without coverage: a killed or limited process would leave half a report, which damages the whole report. */
export const UNCOVERED = { ...process.env, NODE_V8_COVERAGE: '' };

/** Starts a worker that is killed after the test. */
export function startWorker(t: TestContext, ...args: (string | number)[]): ChildProcess {
  const child = spawn(process.execPath, [WORKER, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: UNCOVERED,
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

/** Runs a worker and resolves to the JSON that it printed. */
export async function runWorker(t: TestContext, ...args: (string | number)[]): Promise<unknown> {
  return readResult(startWorker(t, ...args));
}

/** Reads the output of a process to its end, and parses it as JSON. */
async function readResult(child: ChildProcess): Promise<unknown> {
  if (child.stdout === null) throw new Error('no stdout');
  return JSON.parse(await text(child.stdout));
}

/** Waits until a worker has printed its first line. */
export async function waitForOutput(child: ChildProcess): Promise<void> {
  if (child.stdout !== null) await once(child.stdout, 'data');
}

/** Kills a process at once, and waits for its end. */
export async function killWorker(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
