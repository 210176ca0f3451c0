// Disks in image files. A copy of the image is what a loss of power would leave: it lacks the data that is only in the memory of
// the system. Needs permission to mount.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A mounted disk. */
export interface Disk {
  /** Mount point. */
  readonly mountPoint: string;
  /** Mounts a copy of the disk as a loss of power would leave it now, without unsynced data. */
  readonly afterPowerLoss: () => Promise<Disk>;
  readonly remove: () => Promise<void>;
}

/** btrfs needs Linux 6.7 or newer: older ones do not mount a copy beside its original. */
export type FileSystem = 'ext4' | 'btrfs';

const BYTES = 128 << 20;

/** Creates a disk at `path` and mounts it. @throws {Error} if mounting is not possible */
export async function makeDisk(path: string, system: FileSystem): Promise<Disk> {
  await writeFile(path, '');
  await truncate(path, BYTES);
  await run(`mkfs.${system}`, ['-q', path]);
  return mount(path);
}

let copies = 0;

async function mount(path: string): Promise<Disk> {
  const mountPoint = `${path}-mounted`;
  await mkdir(mountPoint);
  await run('mount', ['-o', 'loop', path, mountPoint]);
  return {
    mountPoint,
    afterPowerLoss: async () => {
      copies++;
      const copy = `${path}-${copies}`;
      await copyUnchanged(path, copy);
      return mount(copy);
    },
    remove: async () => {
      await run('umount', [mountPoint]);
      await rm(mountPoint, { recursive: true });
      await rm(path);
    },
  };
}

/** Copies a disk image. Repeats the copy until no write happened meanwhile. */
async function copyUnchanged(from: string, to: string): Promise<void> {
  for (;;) {
    await copyFile(from, to);
    const isSame = await run('cmp', ['--quiet', from, to]).catch(() => null);
    if (isSame) return;
  }
}
