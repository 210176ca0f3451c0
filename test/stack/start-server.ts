// A server of another project in a process of its own, on a free port of 127.0.0.1, ended with the test.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** What ends with a test: a test's context, or `{ after }` of `node:test` for a whole file. */
export interface Ending {
  after(work: () => Promise<void>): void;
}

/** What to start, and how to tell that it serves. */
export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Its working folder, which must exist; its log goes there too. */
  readonly folder: string;
  /** An address that answers below 500 once the server serves. */
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

/** Starts a server and resolves when it serves. @throws {Error} with the end of its log if it does not */
export async function startServer(t: Ending, program: Program): Promise<void> {
  const log = await open(join(program.folder, 'server.log'), 'w');
  const { command, args, env, folder: cwd } = program;
  // In a group of its own: what it started (functions, say) ends with it.
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', log.fd, log.fd], detached: true });
  const failed = once(child, 'error').then(([error]) => Promise.reject(error));
  t.after(() => stop(child));
  await log.close();
  try {
    await Promise.race([failed, serves(program.ready, child)]);
  } catch (cause) {
    const said = await readFile(join(program.folder, 'server.log'), 'utf8');
    throw new Error(`${program.name} did not start:\n${said.slice(-2000)}`, { cause });
  }
}

async function serves(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (child.exitCode === null && Date.now() < deadline) {
    const answer = await fetch(url).catch(() => null);
    await answer?.body?.cancel();
    if (answer && answer.status < 500) return;
    await setTimeout(50);
  }
  throw new Error(child.exitCode === null ? 'no answer in time' : `exit ${child.exitCode}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
  await ended;
}
