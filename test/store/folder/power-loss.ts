// Simulates the worst case of a power loss: only synced bytes survive, and only names whose folders were synced after
// they appeared, up to the root. The file system may also write any other name early. Load it before the store: it
// replaces Node's file functions and records their calls.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { basename, dirname, join } from 'node:path';

/** A file. `synced`: its bytes are on the disk. Two names (hard links) of one file share this object. */
interface File {
  synced: boolean;
}

const names = new Map<string, File | 'folder'>();
const durableNames = new Set<string>();
const opened = new Map<number, string>();
const watchers: ((path: string) => void)[] = [];
let folderSyncs: string[] = [];

/** Calls `watch` with the path of each new name outside `.tmp/`. */
export function onName(watch: (path: string) => void): void {
  watchers.push(watch);
}

/** Returns the folders that were synced since the last call. */
export function syncedFolders(): string[] {
  const folders = folderSyncs;
  folderSyncs = [];
  return folders;
}

/** The reason why a file below `root` may be lost in a power failure; null if it is durable. */
export function mayBeLost(path: string, root: string): string | null {
  const file = names.get(path);
  if (file === undefined) return `${path}: never written`;
  if (file !== 'folder' && !file.synced) return `${path}: its bytes were not synced`;
  for (let at = path; at.length >= root.length; at = dirname(at))
    if (names.has(at) && !durableNames.has(at))
      return `${path}: the folder of ${basename(at)} was not synced since it appeared`;
  return null;
}

function appear(path: string, file: File | 'folder'): void {
  names.set(path, file);
  durableNames.delete(path);
  if (!path.includes('/.tmp/')) for (const watch of watchers) watch(path);
}

/** Returns a function for the end of a sync. It marks as durable what existed when the sync began. */
function syncing(path: string): () => void {
  const file = names.get(path);
  if (file !== undefined && file !== 'folder')
    return () => {
      file.synced = true;
    };
  const children = [...names.keys()].filter((name) => dirname(name) === path);
  return () => {
    folderSyncs.push(path);
    for (const name of children) durableNames.add(name);
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
    const created = options?.recursive ? topmost : path;
    for (let at = path; created !== undefined && at.length >= created.length; at = dirname(at))
      appear(at, 'folder');
    return topmost;
  },
  unlinkSync: (path: string) => {
    real.unlinkSync(path);
    names.delete(path);
  },
});
syncBuiltinESMExports();

/** The paths of all files that a pointer or a manifest refers to, directly or through the manifest. */
export function promisedBy(path: string, root: string): string[] {
  const document = JSON.parse(real.readFileSync(path, 'utf8'));
  if (basename(path) === 'latest.json')
    return document.manifest === null
      ? []
      : [join(root, document.manifest), ...promisedBy(join(root, document.manifest), root)];
  return document.files.map((file: { path: string }) => join(dirname(path), file.path));
}
