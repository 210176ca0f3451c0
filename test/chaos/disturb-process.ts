// Preloaded into a process (`--import`): it is disturbed at the n-th change that it makes below a folder. The disk is full
// then, or the process stops, as by SIGSTOP, right after it. A change makes a name or writes bytes, or lets the folder's
// lock go; what removes is none, since a full disk lets one remove.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve, sep } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface Disturbance {
  readonly folder: string;
  /** The change at which it happens, from 1; 0 for none. */
  readonly at: number;
  readonly how: 'fails' | 'fails from then on' | 'stops';
  /** Where it writes all changes at its end, a line each; `<log>.stopped` is there while it stands still. */
  readonly log: string;
}

/** The environment and the options of Node that a process is disturbed by. */
export const disturbedBy = (disturbance: Disturbance) => ({
  env: { DTM_CHAOS_DISTURBANCE: JSON.stringify(disturbance) },
  node: ['--import', import.meta.filename],
});

type Call = (...given: unknown[]) => unknown;
type Place = (given: readonly unknown[]) => unknown;

const first: Place = ([place]) => place;
const second: Place = ([, place]) => place;

function disturb({ folder, at, how, log }: Disturbance): void {
  const files = new Map<unknown, string>();
  const changes: string[] = [];
  const { writeFileSync, rmSync } = fs;

  /** The path below the folder that a path, or a file that was opened there, means; null for any other. */
  const pathOf = (place: unknown): string | null => {
    if (typeof place !== 'string') return files.get(place) ?? null;
    const path = resolve(place);
    return `${path}${sep}`.startsWith(`${folder}${sep}`) ? path.slice(folder.length + 1) : null;
  };

  /** Counts a change before it is made. @throws what the system says when the disk is full */
  const begin = (syscall: string, path: string): void => {
    changes.push(`${syscall} ${path}`);
    const isDue = how === 'fails' ? changes.length === at : changes.length >= at;
    if (at === 0 || how === 'stops' || !isDue) return;
    const facts = { errno: -28, code: 'ENOSPC', syscall };
    throw Object.assign(new Error(`ENOSPC: no space left on device, ${syscall}`), facts);
  };

  /** After a change was made. */
  const end = (): void => {
    if (how !== 'stops' || changes.length !== at) return;
    writeFileSync(`${log}.stopped`, '');
    process.kill(process.pid, 'SIGSTOP');
    rmSync(`${log}.stopped`);
  };

  /** Puts a counted call in place of a function of `node:fs`; `place` finds what it changes among its arguments. */
  const count = (name: string, place: Place = first): void => {
    const calls = fs as unknown as Record<string, Call>;
    const original = calls[name] as Call;
    calls[name] = (...given) => {
      const path = pathOf(place(given));
      if (path === null) return original(...given);
      const back = given.at(-1);
      try {
        begin(name, path);
      } catch (error) {
        if (typeof back !== 'function') throw error;
        return void process.nextTick(back as Call, error);
      }
      const result = original(...given);
      if (name.endsWith('Sync')) end();
      return result;
    };
  };
  for (const name of ['writeFileSync', 'appendFileSync', 'mkdirSync', 'writeSync', 'fsyncSync', 'fsync'])
    count(name);
  for (const name of ['linkSync', 'renameSync', 'copyFileSync']) count(name, second);

  const { openSync, closeSync } = fs;
  fs.openSync = (given, flags = 'r', mode) => {
    const path = /[wa]/.test(String(flags)) ? pathOf(given) : null;
    if (path !== null) begin('openSync', path);
    const file = openSync(given, flags, mode);
    if (path !== null) {
      files.set(file, path);
      end();
    }
    return file;
  };
  fs.closeSync = (file) => {
    files.delete(file);
    closeSync(file);
  };
  syncBuiltinESMExports();

  /** The lock is let go when its connection closes. */
  const { close } = DatabaseSync.prototype;
  DatabaseSync.prototype.close = function () {
    close.call(this);
    changes.push('unlock .lock');
    end();
  };
  process.once('exit', () => writeFileSync(log, changes.join('\n')));
}

const { DTM_CHAOS_DISTURBANCE } = process.env;
if (DTM_CHAOS_DISTURBANCE !== undefined) disturb(JSON.parse(DTM_CHAOS_DISTURBANCE) as Disturbance);
