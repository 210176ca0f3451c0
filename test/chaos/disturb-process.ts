// Preloaded into a process (`--import`) to disturb it at the n-th change that it makes below a folder. Either the change fails with
// a full disk, or the process stops itself with SIGSTOP after it. A change creates a name, writes bytes or releases the folder's
// lock. Removals do not count, because they work on a full disk.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve, sep } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface Disturbance {
  readonly folder: string;
  /** Number of the change, from 1; 0 for no disturbance. */
  readonly at: number;
  readonly how: 'fails' | 'fails from then on' | 'stops';
  /** File with all changes, one per line, written at exit. `<log>.stopped` exists while the process is stopped. */
  readonly log: string;
}

/** Environment and Node options for a disturbed process. */
export const disturbOptions = (disturbance: Disturbance) => ({
  env: { DTM_CHAOS_DISTURBANCE: JSON.stringify(disturbance) },
  node: ['--import', import.meta.filename],
});

type Call = (...args: unknown[]) => unknown;
type TargetSelector = (args: readonly unknown[]) => unknown;

const first: TargetSelector = ([target]) => target;
const second: TargetSelector = ([, target]) => target;

function disturb({ folder, at, how, log }: Disturbance): void {
  const files = new Map<unknown, string>();
  const changes: string[] = [];
  const { writeFileSync, rmSync } = fs;

  /** Path relative to the folder, of a path or an open file; null if it is not below the folder. */
  const pathOf = (target: unknown): string | null => {
    if (typeof target !== 'string') return files.get(target) ?? null;
    const path = resolve(target);
    return `${path}${sep}`.startsWith(`${folder}${sep}`) ? path.slice(folder.length + 1) : null;
  };

  /** Counts a change before it happens. @throws {Error} ENOSPC, as the system does for a full disk */
  const beforeChange = (syscall: string, path: string): void => {
    changes.push(`${syscall} ${path}`);
    const isDue = how === 'fails' ? changes.length === at : changes.length >= at;
    if (at === 0 || how === 'stops' || !isDue) return;
    const fields = { errno: -28, code: 'ENOSPC', syscall };
    throw Object.assign(new Error(`ENOSPC: no space left on device, ${syscall}`), fields);
  };

  /** Called after a change; may stop the process. */
  const afterChange = (): void => {
    if (how !== 'stops' || changes.length !== at) return;
    writeFileSync(`${log}.stopped`, '');
    process.kill(process.pid, 'SIGSTOP');
    rmSync(`${log}.stopped`);
  };

  /** Replaces a function of `node:fs` by one that counts changes; `selectTarget` picks the changed path or file from the arguments. */
  const count = (name: string, selectTarget: TargetSelector = first): void => {
    const calls = fs as unknown as Record<string, Call>;
    const original = calls[name] as Call;
    calls[name] = (...args) => {
      const path = pathOf(selectTarget(args));
      if (path === null) return original(...args);
      const callback = args.at(-1);
      try {
        beforeChange(name, path);
      } catch (error) {
        if (typeof callback !== 'function') throw error;
        return void process.nextTick(callback as Call, error);
      }
      const result = original(...args);
      if (name.endsWith('Sync')) afterChange();
      return result;
    };
  };
  for (const name of ['writeFileSync', 'appendFileSync', 'mkdirSync', 'writeSync', 'fsyncSync', 'fsync'])
    count(name);
  for (const name of ['linkSync', 'renameSync', 'copyFileSync']) count(name, second);

  const { openSync, closeSync } = fs;
  fs.openSync = (name, flags = 'r', mode) => {
    const path = /[wa]/.test(String(flags)) ? pathOf(name) : null;
    if (path !== null) beforeChange('openSync', path);
    const file = openSync(name, flags, mode);
    if (path !== null) {
      files.set(file, path);
      afterChange();
    }
    return file;
  };
  fs.closeSync = (file) => {
    files.delete(file);
    closeSync(file);
  };
  syncBuiltinESMExports();

  /** Closing the connection releases the lock. */
  const { close } = DatabaseSync.prototype;
  DatabaseSync.prototype.close = function () {
    close.call(this);
    changes.push('unlock .lock');
    afterChange();
  };
  process.once('exit', () => writeFileSync(log, changes.join('\n')));
}

const { DTM_CHAOS_DISTURBANCE } = process.env;
if (DTM_CHAOS_DISTURBANCE !== undefined) disturb(JSON.parse(DTM_CHAOS_DISTURBANCE) as Disturbance);
