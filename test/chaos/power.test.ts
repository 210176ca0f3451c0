// A loss of power, simulated by a copy of the disk without unsynced data. Published and downloaded files must be complete on it.
// An interrupted run must be finished by a run with the same id.
import assert from 'node:assert/strict';
import { cp, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Simulator } from '../../lib/simulator/server.ts';
import { type CheckOptions, checkDataset } from '../checker.ts';
import { ensureDebian } from '../ensure-debian.ts';
import { simulator, temporaryFolder } from '../setting.ts';
import { parseOutcome, reportFaults } from './check-outcomes.ts';
import { createDice, timeShare } from './dice.ts';
import { type Disk, type FileSystem, makeDisk } from './disk-image.ts';
import { COUNTRIES, environment, exportArgs } from './plan-commands.ts';
import { type ProcessResult, runExporter } from './run-exporter.ts';

interface Setup {
  readonly disk: Disk;
  readonly scratch: string;
  readonly world: Simulator;
  readonly faults: string[];
  readonly published: string[];
}

/** Creates a disk; null if mounting is not possible. */
async function setUp(t: TestContext, system: FileSystem): Promise<Setup | null> {
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

async function exportTo({ world, published }: Setup, mountPoint: string, id: string): Promise<ProcessResult> {
  const args = exportArgs(join(mountPoint, 'data'), id, COUNTRIES);
  const ended = await runExporter(args, [], { env: environment(world.url) });
  const printed = ended.stdout ? parseOutcome(ended) : null;
  if (printed?.outcome === 'published') published.push(printed.release as string);
  return ended;
}

/** Changes the world and publishes it. */
async function publish(setup: Setup, at: number): Promise<void> {
  setup.world.setFaults([`changed=${at}@GRD`]);
  const ended = await exportTo(setup, setup.disk.mountPoint, run(at));
  assert.equal(parseOutcome(ended)?.outcome, 'published', ended.stderr);
}

/** Syncs a file of another program. The file system then also writes pending names, as it does from time to time. */
async function syncOtherFile({ disk }: Setup): Promise<void> {
  await using file = await open(join(disk.mountPoint, 'other'), 'w');
  await file.write('x');
  await file.sync();
}

/** Calls `check` with the disk that a loss of power would leave now, and removes it again. */
async function losePower({ disk }: Setup, check: (mountPoint: string) => Promise<void>): Promise<void> {
  const diskAfterLoss = await disk.afterPowerLoss();
  try {
    await check(diskAfterLoss.mountPoint);
  } finally {
    await diskAfterLoss.remove();
  }
}

/** Problems of a dataset, without those in `runs/`: lost files of a run are fetched again. */
async function problemsOf(folder: string, options: CheckOptions): Promise<string[]> {
  const { problems } = await checkDataset(folder, { killed: true, ...options });
  return problems.filter((problem) => !problem.startsWith('runs/'));
}

/** Checks that the published release survived, and that the next run leaves a whole dataset. */
async function checkPublishedAfterLoss(setup: Setup, mountPoint: string, id: string): Promise<void> {
  const { faults, published } = setup;
  const publishedPath = /^(latest\.json|releases\/)/;
  const folder = join(mountPoint, 'data');
  const before = await checkDataset(folder, { killed: true }).catch((error: Error) => ({
    problems: [`latest.json: nothing at all is there (${error.message.trim()})`],
    current: null,
  }));
  if (before.current !== published.at(-1))
    faults.push(`run ${id}: published ${published.at(-1)}, and it is lost`);
  faults.push(
    ...before.problems
      .filter((problem) => publishedPath.test(problem))
      .map((problem) => `run ${id}: published, but ${problem}`),
  );
  const next = await exportTo(setup, mountPoint, id);
  if (next.exit !== 0)
    faults.push(`run ${id} after a loss of power: exit ${next.exit} ${next.stdout}${next.stderr}`);
  const problems = await problemsOf(folder, { published });
  faults.push(...problems.map((problem) => `after run ${id}: ${problem}`));
}

async function checkDownloadAfterLoss(setup: Setup, isSynced: boolean): Promise<void> {
  const { disk, scratch, faults, world } = setup;
  const source = join(scratch, 'source');
  await cp(join(disk.mountPoint, 'data'), source, { recursive: true });
  const download = (mountPoint: string): Promise<ProcessResult> =>
    runExporter(['download', source, '--to', join(mountPoint, 'copy'), '--quiet'], [], {
      env: environment(world.url),
    });
  const first = await download(disk.mountPoint);
  assert.equal(first.exit, 0, first.stderr);
  if (isSynced) await syncOtherFile(setup);
  await losePower(setup, async (mountPoint) => {
    await mkdir(join(mountPoint, 'copy'), { recursive: true });
    const { problems, current } = await checkDataset(join(mountPoint, 'copy'), { copy: true });
    if (current === null) faults.push('downloaded, but the copy names no release');
    faults.push(...problems.map((problem) => `downloaded, but ${problem}`));
    const second = await download(mountPoint);
    if (second.exit !== 0)
      faults.push(`download after a loss of power: exit ${second.exit} ${second.stderr.trim()}`);
    const repaired = await checkDataset(join(mountPoint, 'copy'), { copy: true, killed: true });
    faults.push(...repaired.problems.map((problem) => `downloaded again, but ${problem}`));
  });
  await rm(source, { recursive: true });
  await rm(join(disk.mountPoint, 'copy'), { recursive: true });
}

/** Loses power at random moments of updates. A run with the same id must finish each. */
async function losePowerDuringUpdates(
  setup: Setup,
  dice: ReturnType<typeof createDice>,
  share: number,
): Promise<number> {
  const timeLeft = timeShare(share);
  let losses = 0;
  for (let at = 10; at === 10 || timeLeft.hasTime(); at++) {
    setup.world.setFaults([`changed=${at}@GRD`]);
    const reported = [...setup.published];
    const exporting = exportTo(setup, setup.disk.mountPoint, run(at));
    await sleep(dice.between(0, 900));
    await losePower(setup, async (mountPoint) => {
      await exporting;
      await mkdir(join(mountPoint, 'data'), { recursive: true });
      const resumed = await exportTo({ ...setup, published: [] }, mountPoint, run(at));
      if (resumed.exit !== 0)
        setup.faults.push(
          `resumed after a loss of power: exit ${resumed.exit} ${resumed.stdout}${resumed.stderr}`,
        );
      const problems = await problemsOf(join(mountPoint, 'data'), { published: reported });
      setup.faults.push(...problems.map((problem) => `resumed after a loss of power: ${problem}`));
    });
    losses++;
  }
  return losses;
}

for (const system of ['ext4', 'btrfs'] as const)
  test(`on ${system}, published and downloaded files survive a loss of power`, async (t) => {
    await ensureDebian({ command: 'mkfs', packages: ['e2fsprogs', 'btrfs-progs'] });
    const setup = await setUp(t, system);
    if (!setup) return;
    try {
      for (const [first, next] of [
        [1, 2],
        [3, 4],
      ] as const) {
        await publish(setup, first);
        if (first > 1) await syncOtherFile(setup);
        await losePower(setup, (mountPoint) => checkPublishedAfterLoss(setup, mountPoint, run(next)));
      }
      await checkDownloadAfterLoss(setup, false);
      await checkDownloadAfterLoss(setup, true);
      const losses = await losePowerDuringUpdates(setup, createDice(`power ${system}`), 0.05);
      reportFaults(t, `power lost ${losses + 4} times on ${system}`, setup.faults);
    } finally {
      await setup.disk.remove();
    }
  });
