// Power is lost: a copy of the disk at a moment, without what only the system's memory had. What a run called published,
// and what `download` called there, is on it whole; a run that was under way is finished by the run of the same id.
import assert from 'node:assert/strict';
import { cp, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Simulator } from '../../lib/simulator/server.ts';
import { type CheckOptions, checkDataset } from '../checker.ts';
import { ensureDebian } from '../interop/debian.ts';
import { simulator, temporaryFolder } from '../setting.ts';
import { printedBy, tell } from './check-outcomes.ts';
import { budget, chance } from './dice.ts';
import { type Disk, type FileSystem, makeDisk } from './disk-image.ts';
import { COUNTRIES, environment, exportWords } from './plan-commands.ts';
import { type Ended, exporter } from './run-exporter.ts';

interface Scene {
  readonly disk: Disk;
  readonly scratch: string;
  readonly world: Simulator;
  readonly faults: string[];
  readonly published: string[];
}

/** A disk of its own, or null where nothing can be mounted. */
async function sceneOf(t: TestContext, system: FileSystem): Promise<Scene | null> {
  const scratch = await temporaryFolder(t);
  const disk = await makeDisk(join(scratch, 'disk'), system).catch((error: Error) => {
    if (/mount|loop/.test(error.message)) return null;
    throw error;
  });
  if (!disk) {
    t.diagnostic('no disk can be mounted here: no power was lost (run as root)');
    return null;
  }
  return { disk, scratch, world: await simulator(t), faults: [], published: [] };
}

const run = (at: number): string => `2026-11-24T05-00-00Z-${at}`;

async function exportTo({ world, published }: Scene, place: string, id: string): Promise<Ended> {
  const words = exportWords(join(place, 'data'), id, COUNTRIES);
  const ended = await exporter(words, [], { env: environment(world.url) });
  const printed = ended.stdout ? printedBy(ended) : null;
  if (printed?.outcome === 'published') published.push(printed.release as string);
  return ended;
}

/** Exports a change of the world, which is published. */
async function publish(scene: Scene, at: number): Promise<void> {
  scene.world.setFaults([`changed=${at}@GRD`]);
  const ended = await exportTo(scene, scene.disk.place, run(at));
  assert.equal(printedBy(ended)?.outcome, 'published', ended.stderr);
}

/** Another program has the disk write what names it has, as the system does by itself sooner or later. */
async function othersSync({ disk }: Scene): Promise<void> {
  await using file = await open(join(disk.place, 'other'), 'w');
  await file.write('x');
  await file.sync();
}

/** Looks at what a loss of power at this moment leaves, as `look` does, and lets it go again. */
async function losePower({ disk }: Scene, look: (place: string) => Promise<void>): Promise<void> {
  const left = await disk.afterPowerLoss();
  try {
    await look(left.place);
  } finally {
    await left.remove();
  }
}

/** What the checker says of a folder, but of runs, whose files promise nothing: they are asked for again. */
async function problemsOf(folder: string, options: CheckOptions): Promise<string[]> {
  const { problems } = await checkDataset(folder, { killed: true, ...options });
  return problems.filter((problem) => !problem.startsWith('runs/'));
}

/** What a run said is published is so after it, and the next run, whatever its id, leaves a whole dataset. */
async function publishedIsThere(scene: Scene, place: string, id: string): Promise<void> {
  const { faults, published } = scene;
  const promised = /^(latest\.json|releases\/)/;
  const folder = join(place, 'data');
  const before = await checkDataset(folder, { killed: true }).catch((error: Error) => ({
    problems: [`latest.json: nothing at all is there (${error.message.trim()})`],
    current: null,
  }));
  if (before.current !== published.at(-1))
    faults.push(`run ${id}: published ${published.at(-1)}, and it is lost`);
  faults.push(
    ...before.problems.filter((one) => promised.test(one)).map((one) => `run ${id}: published, but ${one}`),
  );
  const next = await exportTo(scene, place, id);
  if (next.exit !== 0)
    faults.push(`run ${id} after a loss of power: exit ${next.exit} ${next.stdout}${next.stderr}`);
  const problems = await problemsOf(folder, { published });
  faults.push(...problems.map((problem) => `after run ${id}: ${problem}`));
}

async function downloadedIsThere(scene: Scene, isSynced: boolean): Promise<void> {
  const { disk, scratch, faults, world } = scene;
  const source = join(scratch, 'source');
  await cp(join(disk.place, 'data'), source, { recursive: true });
  const download = (place: string): Promise<Ended> =>
    exporter(['download', source, '--to', join(place, 'copy'), '--quiet'], [], {
      env: environment(world.url),
    });
  const first = await download(disk.place);
  assert.equal(first.exit, 0, first.stderr);
  if (isSynced) await othersSync(scene);
  await losePower(scene, async (place) => {
    await mkdir(join(place, 'copy'), { recursive: true });
    const { problems, current } = await checkDataset(join(place, 'copy'), { copy: true });
    if (current === null) faults.push('downloaded, but the copy names no release');
    faults.push(...problems.map((problem) => `downloaded, but ${problem}`));
    const second = await download(place);
    if (second.exit !== 0)
      faults.push(`download after a loss of power: exit ${second.exit} ${second.stderr.trim()}`);
    const mended = await checkDataset(join(place, 'copy'), { copy: true, killed: true });
    faults.push(...mended.problems.map((problem) => `downloaded again, but ${problem}`));
  });
  await rm(source, { recursive: true });
  await rm(join(disk.place, 'copy'), { recursive: true });
}

/** Loses power at moments of updates that dice choose; the run of the same id finishes each. */
async function midway(scene: Scene, dice: ReturnType<typeof chance>, share: number): Promise<number> {
  const time = budget(share);
  let losses = 0;
  for (let at = 10; at === 10 || time.isLeft(); at++) {
    scene.world.setFaults([`changed=${at}@GRD`]);
    const said = [...scene.published];
    const going = exportTo(scene, scene.disk.place, run(at));
    await sleep(dice.between(0, 900));
    await losePower(scene, async (place) => {
      await going;
      await mkdir(join(place, 'data'), { recursive: true });
      const resumed = await exportTo({ ...scene, published: [] }, place, run(at));
      if (resumed.exit !== 0)
        scene.faults.push(
          `resumed after a loss of power: exit ${resumed.exit} ${resumed.stdout}${resumed.stderr}`,
        );
      const problems = await problemsOf(join(place, 'data'), { published: said });
      scene.faults.push(...problems.map((problem) => `resumed after a loss of power: ${problem}`));
    });
    losses++;
  }
  return losses;
}

for (const system of ['ext4', 'btrfs'] as const)
  test(`on ${system}, what was called published and downloaded outlives a loss of power`, async (t) => {
    await ensureDebian({ command: 'mkfs', packages: ['e2fsprogs', 'btrfs-progs'] });
    const scene = await sceneOf(t, system);
    if (!scene) return;
    try {
      for (const [first, next] of [
        [1, 2],
        [3, 4],
      ] as const) {
        await publish(scene, first);
        if (first > 1) await othersSync(scene);
        await losePower(scene, (place) => publishedIsThere(scene, place, run(next)));
      }
      await downloadedIsThere(scene, false);
      await downloadedIsThere(scene, true);
      const losses = await midway(scene, chance(`power ${system}`), 0.05);
      tell(t, `power lost ${losses + 4} times on ${system}`, scene.faults);
    } finally {
      await scene.disk.remove();
    }
  });
