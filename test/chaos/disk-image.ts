// Disks in a file: a copy of the file is what a loss of power would leave of the disk, since what the system has only in
// its memory is not in it. Needs a system that lets us mount.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A disk that is mounted. */
export interface Disk {
  /** Where it is mounted. */
  readonly place: string;
  /** What the power leaves of it now, mounted beside it: what was written stays in the memory of the system alone. */
  readonly afterPowerLoss: () => Promise<Disk>;
  readonly remove: () => Promise<void>;
}

/** Of btrfs a copy is mounted beside its original, which Linux does from 6.7 on. */
export type FileSystem = 'ext4' | 'btrfs';

const BYTES = 128 << 20;

/** Makes a disk at `path` and mounts it. @throws if this machine lets nobody mount one */
export async function makeDisk(path: string, system: FileSystem): Promise<Disk> {
  await writeFile(path, '');
  await truncate(path, BYTES);
  await run(`mkfs.${system}`, ['-q', path]);
  return mount(path);
}

let copies = 0;

async function mount(path: string): Promise<Disk> {
  const place = `${path}-mounted`;
  await mkdir(place);
  await run('mount', ['-o', 'loop', path, place]);
  return {
    place,
    afterPowerLoss: async () => {
      copies++;
      const copy = `${path}-${copies}`;
      await copyStill(path, copy);
      return mount(copy);
    },
    remove: async () => {
      await run('umount', [place]);
      await rm(place, { recursive: true });
      await rm(path);
    },
  };
}

/** Copies a disk at a moment: again, if it was written to meanwhile. */
async function copyStill(from: string, to: string): Promise<void> {
  for (;;) {
    await copyFile(from, to);
    const isSame = await run('cmp', ['--quiet', from, to]).catch(() => null);
    if (isSame) return;
  }
}
