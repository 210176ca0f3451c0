// Reads and ages the lease of a folder's run, as if time had passed without progress.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Lease {
  readonly run: string;
  readonly owner: string;
  readonly host: string | null;
  readonly pid: number | null;
  readonly taken_at: string;
  readonly renewed_at: string;
  readonly expires_at: string;
  readonly released_at: string | null;
}

const pathOf = (folder: string): string => join(folder, 'runs/lease.json');

export const readLease = async (folder: string): Promise<Lease> =>
  JSON.parse(await readFile(pathOf(folder), 'utf8'));

/** Writes the lease with some fields changed. */
export async function changeLease(folder: string, fields: Partial<Lease>): Promise<void> {
  await writeFile(pathOf(folder), JSON.stringify({ ...(await readLease(folder)), ...fields }));
}

/** Moves the times of the lease into the past. After 20 minutes without progress it has expired. */
export async function ageLease(folder: string, minutes: number): Promise<void> {
  const { renewed_at, expires_at } = await readLease(folder);
  const earlier = (time: string): string => new Date(Date.parse(time) - minutes * 60_000).toISOString();
  await changeLease(folder, { renewed_at: earlier(renewed_at), expires_at: earlier(expires_at) });
}

const TAKE_OTHERS_FOR_ENDED = `
  const { kill } = process;
  process.kill = (pid, signal) => {
    if (signal === 0) throw Object.assign(new Error('no such process'), { code: 'ESRCH' });
    return kill.call(process, pid, signal);
  };`;

/**
 * Environment of an export that takes every other process for ended, as in two containers with one host name. Such
 * exports run at the same time, as they do after a lease has expired.
 */
export const TURNLESS = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(TAKE_OTHERS_FOR_ENDED)}`,
};
