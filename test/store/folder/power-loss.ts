// What a disk holds when the power goes, at the worst: bytes that were synced, and names whose folder was synced after
// they appeared, all the way up; and, at any moment, whichever other name the file system chose to write early. Loaded
// before the store, it watches the calls by which Node asks the system, and keeps account.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** A name's file: its bytes are on the disk or not. Two names of one file share it. */
interface File {
  synced: boolean;
}

const names = new Map<string, File | 'folder'>();
const lasting = new Set<string>();
const opened = new Map<number, string>();
const watchers: ((path: string) => void)[] = [];
let folderSyncs: string[] = [];

/** Calls `watch` after each name that appears below the final names of a store, with its path. */
export function onName(watch: (path: string) => void): void {
  watchers.push(watch);
}

/** The folders that were synced since the last time this was asked. */
export function syncedFolders(): string[] {
  const since = folderSyncs;
  folderSyncs = [];
  return since;
}

/** Why a file below `root` might not be there after a loss of power, or null if it is. */
export function mayBeLost(path: string, root: string): string | null {
  const file = names.get(path);
  if (file === undefined) return `${path}: never written`;
  if (file !== 'folder' && !file.synced) return `${path}: its bytes were not synced`;
  for (let at = path; at.length >= root.length; at = dirname(at))
    if (names.has(at) && !lasting.has(at))
      return `${path}: the folder of ${basename(at)} was not synced since it appeared`;
  return null;
}

function appear(path: string, file: File | 'folder'): void {
  names.set(path, file);
  lasting.delete(path);
  if (!path.includes('/.tmp/')) for (const watch of watchers) watch(path);
}

/** What a sync will have made lasting: what lies there when it begins. */
function syncing(path: string): () => void {
  const file = names.get(path);
  if (file !== undefined && file !== 'folder')
    return () => {
      file.synced = true;
    };
  const there = [...names.keys()].filter((name) => dirname(name) === path);
  return () => {
    folderSyncs.push(path);
    for (const name of there) lasting.add(name);
  };
}

const real = { ...fs };
Object.assign(fs, {
  openSync: (path: string, flags: string, mode?: number) => {
    const file = real.openSync(path, flags, mode);
    opened.set(file, path);
    if (typeof flags === 'string' && /[wax]/.test(flags)) appear(path, { synced: false });
    return file;
  },
  fsync: (file: number, done: (error: NodeJS.ErrnoException | null) => void) => {
    const finish = syncing(opened.get(file) ?? '');
    real.fsync(file, (error) => {
      if (!error) finish();
      done(error);
    });
  },
  fsyncSync: (file: number) => {
    const finish = syncing(opened.get(file) ?? '');
    real.fsyncSync(file);
    finish();
  },
  linkSync: (from: string, to: string) => {
    real.linkSync(from, to);
    appear(to, names.get(from) ?? { synced: false });
  },
  renameSync: (from: string, to: string) => {
    real.renameSync(from, to);
    const file = names.get(from) ?? { synced: false };
    names.delete(from);
    appear(to, file);
  },
  mkdirSync: (path: string, options?: fs.MakeDirectoryOptions) => {
    const topmost = real.mkdirSync(path, options);
    const made = options?.recursive ? topmost : path;
    for (let at = path; made !== undefined && at.length >= made.length; at = dirname(at))
      appear(at, 'folder');
    return topmost;
  },
  unlinkSync: (path: string) => {
    real.unlinkSync(path);
    names.delete(path);
  },
});
syncBuiltinESMExports();

/** Every file that a pointer or a manifest stands for, by path, as it lies there now. */
export function promisedBy(path: string, root: string): string[] {
  const said = JSON.parse(real.readFileSync(path, 'utf8'));
  if (basename(path) === 'latest.json')
    return said.manifest === null
      ? []
      : [join(root, said.manifest), ...promisedBy(join(root, said.manifest), root)];
  return said.files.map((file: { path: string }) => join(dirname(path), file.path));
}
