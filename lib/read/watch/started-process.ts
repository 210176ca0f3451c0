// Recognises a process that an earlier watcher started: by its id and its start. Another process may get the same id
// later, also after a restart of the machine.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { StartedProcess } from './state.ts';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** A process of this machine that was just started. */
export const describeProcess = (pid: number): StartedProcess => ({
  pid,
  started: readStart(pid)?.started ?? null,
});

/** True if the process has not ended. If its start is not known, a process with the same id counts as it. */
export function isRunning({ pid, started }: StartedProcess): boolean {
  if (!exists(pid)) return false;
  const found = readStart(pid);
  return found === null || started === null || (found.started === started && !found.hasEnded);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The start of a process, and whether it has ended and waits for its parent; null if the system does not tell. */
function readStart(pid: number): { started: string; hasEnded: boolean } | null {
  return readProc(pid) ?? readPs(pid);
}

/** proc(5): after the name in brackets, the 1st field is the state (Z: ended), the 20th the start since the boot. */
function readProc(pid: number): { started: string; hasEnded: boolean } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = readFileSync(BOOT_ID, 'latin1').trim();
    return { started: `${boot} ${fields[19]}`, hasEnded: fields[0] === 'Z' || fields[0] === 'X' };
  } catch {
    return null;
  }
}

/** The same from `ps`, for systems without `/proc`. */
function readPs(pid: number): { started: string; hasEnded: boolean } | null {
  try {
    const options = {
      encoding: 'utf8',
      env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' },
      timeout: 5_000,
    } as const;
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], options).trim();
    const [state = '', ...start] = line.split(/\s+/);
    return start.length === 0 ? null : { started: start.join(' '), hasEnded: state.startsWith('Z') };
  } catch {
    return null;
  }
}
