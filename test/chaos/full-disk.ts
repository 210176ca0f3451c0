// Preloaded into a process (`--import`): the disk below a folder is full from its n-th change on, or at that one alone.
// Whatever makes a name or writes bytes counts; what removes does not, since a full disk lets one remove.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve, sep } from 'node:path';

export interface FullDisk {
  readonly folder: string;
  /** The change that fails, from 1; 0 for none. */
  readonly at: number;
  /** All after it fail too. */
  readonly onwards: boolean;
  /** Where it writes how many changes there were. */
  readonly count: string;
}

const { folder, at, onwards, count } = JSON.parse(process.env.DTM_CHAOS_DISK ?? '') as FullDisk;
const files = new Set<unknown>();
const { writeFileSync } = fs;
let changes = 0;

/** A path below the folder, a file that was opened there, or a handle of one. */
const isThere = (place: unknown): boolean =>
  typeof place === 'string'
    ? `${resolve(place)}${sep}`.startsWith(`${folder}${sep}`)
    : files.has(place) ||
      (typeof place === 'object' && place !== null && files.has((place as { fd?: number }).fd));

/** Counts a change. @throws what the system says when the disk is full */
function change(syscall: string): void {
  changes++;
  if (at === 0 || (onwards ? changes < at : changes !== at)) return;
  throw Object.assign(new Error(`ENOSPC: no space left on device, ${syscall}`), {
    errno: -28,
    code: 'ENOSPC',
    syscall,
  });
}

type Call = (...given: unknown[]) => unknown;

/** Puts a counted call in place of a function of `node:fs`; `place` finds what it changes among its arguments. */
function counted(
  of: object,
  name: string,
  place: (given: readonly unknown[]) => unknown = ([first]) => first,
): void {
  const calls = of as Record<string, Call>;
  const original = calls[name] as Call;
  calls[name] = (...given) => {
    if (!isThere(place(given))) return original(...given);
    const back = given.at(-1);
    try {
      change(name);
    } catch (error) {
      if (of === fs.promises) return Promise.reject(error);
      if (typeof back === 'function' && !name.endsWith('Sync'))
        return void process.nextTick(back as Call, error);
      throw error;
    }
    return original(...given);
  };
}

const second = ([, to]: readonly unknown[]): unknown => to;
for (const name of ['writeFile', 'mkdir', 'appendFile']) {
  counted(fs, `${name}Sync`);
  counted(fs.promises, name);
}
for (const name of ['link', 'rename', 'copyFile']) {
  counted(fs, `${name}Sync`, second);
  counted(fs.promises, name, second);
}
for (const name of ['write', 'fsync', 'fdatasync']) {
  counted(fs, `${name}Sync`);
  counted(fs, name);
}

/** Opening to write makes a name. */
const { openSync } = fs;
fs.openSync = (path, flags = 'r', mode) => {
  const writes = /[wa]/.test(String(flags)) && isThere(path);
  if (writes) change('open');
  const file = openSync(path, flags, mode);
  if (writes) files.add(file);
  return file;
};
const { closeSync } = fs;
fs.closeSync = (file) => {
  files.delete(file);
  closeSync(file);
};
syncBuiltinESMExports();
process.once('exit', () => writeFileSync(count, String(changes)));
