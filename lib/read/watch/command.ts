// Runs a command in a shell. The shell waits for a word on its input before it begins, and that word is sent only when
// its process id is in the state. So whenever the watcher is killed, the command has not begun, or the next watcher can
// see whether it is still running.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { describeProcess } from './started-process.ts';
import type { StartedProcess } from './state.ts';

const SHELL = '/bin/sh';

/** Without the word (the watcher has died) the shell ends. Its process becomes the shell that runs the command. */
const GATE = `read -r word && [ "$word" = go ] || exit 125; exec ${SHELL} -c "$1" </dev/null`;

export interface Command {
  /** The command line for the shell. */
  readonly line: string;
  /** The whole environment of the command. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How a command ended: with a status, or by a signal. */
export interface CommandEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The command could not be started. */
export class CommandStartError extends Error {
  override readonly name = 'CommandStartError';
}

/**
 * Runs a command to its end. Its output is that of this process, its input is empty. An abort sends SIGTERM to it and to
 * the processes that it started, and then waits for its end.
 * @param onStart gets the process before the command begins; if it throws, the command does not begin
 * @throws {CommandStartError} if there is no shell; what `onStart` threw
 */
export async function runCommandLine(
  { line, env }: Command,
  { onStart, signal }: { onStart: (process: StartedProcess) => void; signal: AbortSignal },
): Promise<CommandEnd> {
  // A group of its own: Ctrl-C reaches only the watcher, which passes it on once.
  const child = spawn(SHELL, ['-c', GATE, 'sh', line], {
    stdio: ['pipe', 'inherit', 'inherit'],
    detached: true,
    env: env as NodeJS.ProcessEnv,
  });
  const pid = await startedPid(child);
  const stop = (): void => stopGroup(pid);
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  child.stdin?.on('error', () => {});
  try {
    onStart(describeProcess(pid));
    child.stdin?.end('go\n');
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const [status, by] = await ended;
    return { status, signal: by };
  } catch (error) {
    child.stdin?.destroy();
    await ended;
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The process id of a child. @throws {CommandStartError} */
async function startedPid(child: ChildProcess): Promise<number> {
  if (child.pid !== undefined) return child.pid;
  const [error] = (await once(child, 'error')) as [Error];
  throw new CommandStartError(`the command cannot be started: ${SHELL}: ${error.message}`, { cause: error });
}

function stopGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGTERM');
  } catch {
    // All its processes have ended.
  }
}
