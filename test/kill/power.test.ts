// What a disk really holds when the power goes: the image of a file system is copied the moment after a command has ended
// well, and mounted as after a restart. Needs root, loop devices and the file system's tools; what is asked of the system
// in which order is held against a model in `test/run/power.test.ts`, everywhere.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { dtmExporter } from '../setting.ts';

/** mkfs.btrfs makes none that is smaller than some 110 MB. */
const SIZE = 300 * 2 ** 20;

const runs = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

/** Makes a file system in a file and mounts it; null where that cannot be done. */
async function disk(t: TestContext, kind: string) {
  const folder = await mkdtemp(join(tmpdir(), 'power-'));
  const [image, at] = [join(folder, 'disk'), join(folder, 'mounted')];
  let mounted = false;
  const unmount = () => {
    if (mounted) runs('umount', at);
    mounted = false;
  };
  t.after(async () => {
    unmount();
    await rm(folder, { recursive: true });
  });
  await mkdir(at);
  const file = await open(image, 'wx');
  await file.truncate(SIZE);
  await file.close();
  if (!runs(`mkfs.${kind}`, '-q', image) || !runs('mount', '-o', 'loop', image, at)) return null;
  mounted = true;
  /** Cuts the power, so to say: what did not reach the image is lost. */
  const restart = async (work: (at: string) => Promise<void>): Promise<void> => {
    const [copy, there] = [join(folder, 'copy'), join(folder, 'restarted')];
    await copyFile(image, copy);
    unmount();
    await mkdir(there, { recursive: true });
    // Two of one identity are never mounted at once.
    assert.ok(runs('mount', '-o', 'loop', copy, there));
    try {
      await work(there);
    } finally {
      runs('umount', there);
      runs('mount', '-o', 'loop', image, at);
      mounted = true;
    }
  };
  return { at, restart };
}

for (const kind of ['btrfs', 'ext4', 'xfs']) {
  test(`what was published and downloaded on ${kind} is whole when the power goes the moment after`, async (t) => {
    const there = await disk(t, kind);
    if (!there) return t.skip(`no ${kind} can be made and mounted here`);
    const { at, restart } = there;
    const isWhole = (name: string) =>
      restart(async (place) => {
        const { exit, stderr } = await dtmExporter(['verify', join(place, name)]);
        assert.equal(exit, 0, stderr);
      });
    const countries = ['--countries', 'AFG,GRD,TCD'];
    const published = await dtmExporter([
      'export',
      '--sample',
      '--quiet',
      ...countries,
      '--to',
      join(at, 'data'),
    ]);
    assert.equal(published.exit, 0, published.stderr);
    await isWhole('data');
    const downloaded = await dtmExporter(['download', join(at, 'data'), '--quiet', '--to', join(at, 'copy')]);
    assert.equal(downloaded.exit, 0, downloaded.stderr);
    await isWhole('copy');
  });
}
