// An update meets a full disk: at a change of the folder that dice choose, by a call that fails as the system's would,
// and on a small disk of its own where one can be mounted. Whatever it says then is true, and with room again it is done.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import pMap from 'p-map';
import { checkDataset } from '../checker.ts';
import { simulator, temporaryFolder } from '../setting.ts';
import { printedBy, tell } from './check-outcomes.ts';
import { budget, type Chance, chance } from './dice.ts';
import { type Disturbance, disturbedBy } from './disturb-process.ts';
import { COUNTRIES, environment, exportWords } from './plan-commands.ts';
import { exporter } from './run-exporter.ts';

const run = promisify(execFile);
const FIRST = '2026-11-24T05-00-00Z';
const SECOND = '2026-11-24T06-00-00Z';

interface Scene {
  readonly scratch: string;
  /** A dataset of one release. */
  readonly before: string;
  /** Where the world has changed since. */
  readonly url: string;
}

async function sceneOf(t: TestContext): Promise<Scene> {
  const scratch = await temporaryFolder(t);
  const before = join(scratch, 'before');
  const world = await simulator(t);
  const { exit, stderr } = await exporter(exportWords(before, FIRST, COUNTRIES), [], {
    env: environment(world.url),
  });
  assert.equal(exit, 0, stderr);
  world.setFaults(['changed@GRD']);
  return { scratch, before, url: world.url };
}

/** The run that made what a folder publishes. */
async function publishedBy(folder: string): Promise<string> {
  const { manifest } = JSON.parse(await readFile(join(folder, 'latest.json'), 'utf8'));
  return JSON.parse(await readFile(join(folder, manifest), 'utf8')).run;
}

interface Disk {
  readonly folder: string;
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly node: readonly string[];
  /** Makes room. */
  readonly heal: () => Promise<unknown>;
}

/** Updates on a disk that is full, and again with room; returns what was untrue. */
async function meet({ url }: Scene, { folder, name, env, node, heal }: Disk): Promise<string[]> {
  const faults: string[] = [];
  const wrong = (what: string): void => void faults.push(`${name}: ${what}`);
  const words = exportWords(folder, SECOND, COUNTRIES);
  const full = await exporter(words, [], { env: { ...environment(url), ...env }, node });
  const said = `exit ${full.exit} ${full.stdout.trim()} ${full.stderr.trim()}`;
  const printed = printedBy(full);
  const isPublished = (await publishedBy(folder)) === SECOND;
  if (printed?.outcome !== (isPublished ? 'published' : 'failed'))
    wrong(`the pointer ${isPublished ? 'moved' : 'did not move'}, but: ${said}`);
  else if (!isPublished && full.exit !== 1) wrong(said);
  else if (isPublished && full.exit !== 0 && full.exit !== 3) wrong(said);
  if (full.exit !== 0 && !/disk is full/.test(full.stdout + full.stderr))
    wrong(`says nothing of a full disk: ${said}`);
  if (/ {4}at |mistake in this program/.test(full.stderr)) wrong(`a stack trace: ${said}`);
  if (full.exit === 0)
    faults.push(...(await checkDataset(folder)).problems.map((one) => `${name}: exit 0, but ${one}`));
  const left = await readdir(join(folder, '.tmp'));
  if (left.length > 0) wrong(`${left.length} temporary files were left`);

  await heal();
  const healed = await exporter(words, [], { env: environment(url) });
  if (healed.exit !== 0 || (await publishedBy(folder)) !== SECOND)
    wrong(`with room again: exit ${healed.exit} ${healed.stdout}${healed.stderr}`);
  const published = [printed?.release, printedBy(healed)?.release].filter((one) => typeof one === 'string');
  const { problems } = await checkDataset(folder, { published });
  faults.push(...problems.map((one) => `${name}, with room again: ${one}`));
  return faults;
}

/** A disk that is full at a change, by calls that fail. */
async function failing(
  { scratch, before }: Scene,
  { at, how }: Pick<Disturbance, 'at' | 'how'>,
): Promise<Disk> {
  const name = `change ${at} ${how}`;
  const folder = join(scratch, name.replaceAll(' ', '-'));
  await cp(before, folder, { recursive: true });
  const disturbed = disturbedBy({ at, how, folder, log: `${folder}.log` });
  return { folder, name, ...disturbed, heal: async () => {} };
}

/** Half of the changes that are tried are of the last tenth: the release is published, and the rest is made. */
const changeOf = (dice: Chance, changes: number): number =>
  dice.happens(50) ? dice.between(1, changes) : dice.between(Math.floor(changes * 0.9), changes);

test('an update whose disk is full at any change says truly what it did, and is done when there is room', async (t) => {
  const scene = await sceneOf(t);
  const whole = await failing(scene, { at: 0, how: 'fails' });
  assert.deepEqual(await meet(scene, whole), []);
  const changes = (await readFile(`${whole.folder}.log`, 'utf8')).split('\n').length;
  assert.ok(changes > 200, `${changes} changes: files are opened, written, synced and named`);

  const dice = chance('full disk');
  const time = budget(0.15);
  const faults: string[] = [];
  let tried = 0;
  const one = async (): Promise<void> => {
    for (let first = true; first || time.isLeft(); first = false) {
      const how = dice.pick(['fails', 'fails from then on'] as const);
      const disk = await failing(scene, { at: changeOf(dice, changes), how });
      tried++;
      faults.push(...(await meet(scene, disk)));
      await rm(disk.folder, { recursive: true });
    }
  };
  await pMap([1, 2], one);
  tell(t, `full disk: ${tried} of ${changes} changes tried`, faults);
});

const DISK = 1 << 25;

/** A small disk that a file fills but for some bytes. @throws if this machine lets nobody mount one */
async function mounted({ scratch, before }: Scene, free: number): Promise<Disk & { place: string }> {
  const place = await mkdtemp(join(scratch, 'disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', place]);
  const folder = join(place, 'data');
  await cp(before, folder, { recursive: true });
  const { stdout } = await run('df', ['--output=avail', '--block-size=1', place]);
  const filler = join(place, 'filler');
  const available = Number(stdout.trim().split('\n').at(-1));
  await writeFile(filler, Buffer.alloc(Math.max(0, available - free)));
  return { place, folder, name: `${free} bytes free`, env: {}, node: [], heal: () => truncate(filler) };
}

test('an update on a disk of too few bytes says truly what it did, and is done when there is room', async (t) => {
  const scene = await sceneOf(t);
  const dice = chance('small disk');
  const faults: string[] = [];
  const time = budget(0.05);
  let tried = 0;
  for (; tried === 0 || time.isLeft(); tried++) {
    // A page of the system's memory is what tmpfs gives out; a release of this world needs some 250 of them.
    const free = 4096 * dice.between(0, 400);
    const disk = await mounted(scene, free).catch((error: Error) => {
      if (tried > 0 || !/mount/.test(error.message)) throw error;
      return null;
    });
    if (!disk) return t.diagnostic('nothing can be mounted here: no real full disk was tried (run as root)');
    try {
      faults.push(...(await meet(scene, disk)));
    } finally {
      await run('umount', [disk.place]);
    }
  }
  tell(t, `small disks: ${tried} sizes tried`, faults);
});
