// An update on a full disk. First, a random change of the folder fails with ENOSPC. Then, where mounting is possible, on a small
// real disk. The update must report the truth, and it must succeed when there is space again.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import pMap from 'p-map';
import { checkDataset } from '../checker.ts';
import { simulator, temporaryFolder } from '../setting.ts';
import { parseOutcome, reportFaults } from './check-outcomes.ts';
import { createDice, type Dice, timeShare } from './dice.ts';
import { type Disturbance, disturbOptions } from './disturb-process.ts';
import { COUNTRIES, environment, exportArgs } from './plan-commands.ts';
import { runExporter } from './run-exporter.ts';

const run = promisify(execFile);
const FIRST = '2026-11-24T05-00-00Z';
const SECOND = '2026-11-24T06-00-00Z';

interface Setup {
  readonly scratch: string;
  /** A dataset of one release. */
  readonly before: string;
  /** API of the world, which has changed since. */
  readonly url: string;
}

async function setUp(t: TestContext): Promise<Setup> {
  const scratch = await temporaryFolder(t);
  const before = join(scratch, 'before');
  const world = await simulator(t);
  const { exit, stderr } = await runExporter(exportArgs(before, FIRST, COUNTRIES), [], {
    env: environment(world.url),
  });
  assert.equal(exit, 0, stderr);
  world.setFaults(['changed@GRD']);
  return { scratch, before, url: world.url };
}

/** The run of the current release. */
async function publishedBy(folder: string): Promise<string> {
  const { manifest } = JSON.parse(await readFile(join(folder, 'latest.json'), 'utf8'));
  return JSON.parse(await readFile(join(folder, manifest), 'utf8')).run;
}

interface Disk {
  readonly folder: string;
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly node: readonly string[];
  /** Frees space on the disk. */
  readonly freeSpace: () => Promise<unknown>;
}

/** Updates on the full disk, and again with free space. Returns false reports and damage. */
async function updateOnFullDisk(
  { url }: Setup,
  { folder, name, env, node, freeSpace }: Disk,
): Promise<string[]> {
  const faults: string[] = [];
  const addFault = (fault: string): void => void faults.push(`${name}: ${fault}`);
  const args = exportArgs(folder, SECOND, COUNTRIES);
  const result = await runExporter(args, [], { env: { ...environment(url), ...env }, node });
  const resultText = `exit ${result.exit} ${result.stdout.trim()} ${result.stderr.trim()}`;
  const printed = parseOutcome(result);
  const isPublished = (await publishedBy(folder)) === SECOND;
  if (printed?.outcome !== (isPublished ? 'published' : 'failed'))
    addFault(`the pointer ${isPublished ? 'moved' : 'did not move'}, but: ${resultText}`);
  else if (!isPublished && result.exit !== 1) addFault(resultText);
  else if (isPublished && result.exit !== 0 && result.exit !== 3) addFault(resultText);
  if (result.exit !== 0 && !/disk is full/.test(result.stdout + result.stderr))
    addFault(`does not mention the full disk: ${resultText}`);
  if (/ {4}at |mistake in this program/.test(result.stderr)) addFault(`a stack trace: ${resultText}`);
  if (result.exit === 0)
    faults.push(...(await checkDataset(folder)).problems.map((problem) => `${name}: exit 0, but ${problem}`));
  const temporaryFiles = await readdir(join(folder, '.tmp'));
  if (temporaryFiles.length > 0) addFault(`${temporaryFiles.length} temporary files were left`);

  await freeSpace();
  const retried = await runExporter(args, [], { env: environment(url) });
  if (retried.exit !== 0 || (await publishedBy(folder)) !== SECOND)
    addFault(`with free space: exit ${retried.exit} ${retried.stdout}${retried.stderr}`);
  const published = [printed?.release, parseOutcome(retried)?.release].filter(
    (release) => typeof release === 'string',
  );
  const { problems } = await checkDataset(folder, { published });
  faults.push(...problems.map((problem) => `${name}, with free space: ${problem}`));
  return faults;
}

/** A simulated full disk: the change `at` fails with ENOSPC. */
async function simulatedFullDisk(
  { scratch, before }: Setup,
  { at, how }: Pick<Disturbance, 'at' | 'how'>,
): Promise<Disk> {
  const name = `change ${at} ${how}`;
  const folder = join(scratch, name.replaceAll(' ', '-'));
  await cp(before, folder, { recursive: true });
  const disturbed = disturbOptions({ at, how, folder, log: `${folder}.log` });
  return { folder, name, ...disturbed, freeSpace: async () => {} };
}

/** Picks a change. Half of them are from the last tenth: the pointer move and the steps after it. */
const pickChange = (dice: Dice, changes: number): number =>
  dice.happens(50) ? dice.between(1, changes) : dice.between(Math.floor(changes * 0.9), changes);

test('an update with a full disk at any change reports the truth and later succeeds', async (t) => {
  const setup = await setUp(t);
  const whole = await simulatedFullDisk(setup, { at: 0, how: 'fails' });
  assert.deepEqual(await updateOnFullDisk(setup, whole), []);
  const changes = (await readFile(`${whole.folder}.log`, 'utf8')).split('\n').length;
  assert.ok(changes > 200, `${changes} changes: files are opened, written, synced and named`);

  const dice = createDice('full disk');
  const share = timeShare(0.15);
  const faults: string[] = [];
  let tried = 0;
  const tryChanges = async (): Promise<void> => {
    for (let first = true; first || share.hasTime(); first = false) {
      const how = dice.pick(['fails', 'fails from then on'] as const);
      const disk = await simulatedFullDisk(setup, { at: pickChange(dice, changes), how });
      tried++;
      faults.push(...(await updateOnFullDisk(setup, disk)));
      await rm(disk.folder, { recursive: true });
    }
  };
  await pMap([1, 2], tryChanges);
  reportFaults(t, `full disk: ${tried} of ${changes} changes tried`, faults);
});

const DISK_BYTES = 1 << 25;

/** Mounts a small disk with `free` free bytes. @throws {Error} if mounting is not possible */
async function mountSmallDisk(
  { scratch, before }: Setup,
  free: number,
): Promise<Disk & { mountPoint: string }> {
  const mountPoint = await mkdtemp(join(scratch, 'disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', mountPoint]);
  const folder = join(mountPoint, 'data');
  await cp(before, folder, { recursive: true });
  const { stdout } = await run('df', ['--output=avail', '--block-size=1', mountPoint]);
  const filler = join(mountPoint, 'filler');
  const available = Number(stdout.trim().split('\n').at(-1));
  await writeFile(filler, Buffer.alloc(Math.max(0, available - free)));
  return {
    mountPoint,
    folder,
    name: `${free} bytes free`,
    env: {},
    node: [],
    freeSpace: () => truncate(filler),
  };
}

test('an update on a small disk reports the truth and later succeeds', async (t) => {
  const setup = await setUp(t);
  const dice = createDice('small disk');
  const faults: string[] = [];
  const share = timeShare(0.05);
  let tried = 0;
  for (; tried === 0 || share.hasTime(); tried++) {
    // tmpfs allocates pages of 4096 bytes. A release of this world needs about 250 pages.
    const free = 4096 * dice.between(0, 400);
    const disk = await mountSmallDisk(setup, free).catch((error: Error) => {
      if (tried > 0 || !/mount/.test(error.message)) throw error;
      return null;
    });
    if (!disk) return t.diagnostic('nothing can be mounted here: no real full disk was tried (run as root)');
    try {
      faults.push(...(await updateOnFullDisk(setup, disk)));
    } finally {
      await run('umount', [disk.mountPoint]);
    }
  }
  reportFaults(t, `small disks: ${tried} sizes tried`, faults);
});
