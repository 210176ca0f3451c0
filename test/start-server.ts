// Starts a server of another project in a separate process on a free port of 127.0.0.1, and stops it when the test ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Runs work when a test ends: a test's context, or `{ after }` of `node:test` for a whole file. */
export interface Cleanup {
  after(work: () => Promise<void>): void;
}

/** The program to start, and how to see that it is ready. */
export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Its working folder, which must exist. The log is written there too. */
  readonly folder: string;
  /** An address with a status below 500 when the server is ready. */
  readonly ready: string;
}

const START_LIMIT_MS = 60_000;

/** A port of 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}

/** Starts a server and waits until it is ready. @throws {Error} with the end of its log if it does not start */
export async function startServer(t: Cleanup, program: Program): Promise<void> {
  const log = await open(join(program.folder, 'server.log'), 'w');
  const { command, args, env, folder: cwd } = program;
  // A process group of its own, so that its child processes (functions) are stopped too.
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', log.fd, log.fd], detached: true });
  const failed = once(child, 'error').then(([error]) => Promise.reject(error));
  t.after(() => stop(child));
  await log.close();
  try {
    await Promise.race([failed, waitUntilReady(program.ready, child)]);
  } catch (cause) {
    const logText = await readFile(join(program.folder, 'server.log'), 'utf8');
    throw new Error(`${program.name} did not start:\n${logText.slice(-2000)}`, { cause });
  }
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (child.exitCode === null && Date.now() < deadline) {
    const response = await fetch(url).catch(() => null);
    await response?.body?.cancel();
    if (response && response.status < 500) return;
    await setTimeout(50);
  }
  throw new Error(child.exitCode === null ? 'no answer in time' : `exit ${child.exitCode}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const exit = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  await exit;
}
