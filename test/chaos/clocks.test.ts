// Clocks that are wrong, by Debian's libfaketime: whatever a run says while its clock is an hour or a year ahead or
// behind, the next change of the world is published once clocks are right, and a failure is recorded.
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Simulator } from '../../lib/simulator/server.ts';
import { checkDataset } from '../checker.ts';
import { ensureDebian } from '../interop/debian.ts';
import { simulator, temporaryFolder } from '../setting.ts';
import { contentOf, printedBy, tell } from './check-outcomes.ts';
import { budget, chance } from './dice.ts';
import { COUNTRIES, environment, exportWords } from './plan-commands.ts';
import { type Ended, exporter } from './run-exporter.ts';

/** What a clock shows against the right time. */
const CLOCKS = ['+1h', '-1h', '+1y', '-1y', '+3d', '-3d'] as const;
type Clock = (typeof CLOCKS)[number] | null;

/** Turns every clock of a process but those that only measure how long something takes. */
async function turned(): Promise<(clock: Clock) => Record<string, string>> {
  await ensureDebian({ command: 'faketime', packages: ['libfaketime'] });
  for await (const library of glob('/usr/lib/*/faketime/libfaketimeMT.so.1'))
    return (clock) =>
      clock === null ? {} : { LD_PRELOAD: library, FAKETIME: clock, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  throw new Error('libfaketime is installed, but its library is not where Debian puts it');
}

/** What a run that does not like its clock, or the times that it finds, may say. */
const ABOUT_TIME = /clock|future|ahead|behind/i;

interface Scene {
  readonly folder: string;
  readonly world: Simulator;
  readonly turn: Awaited<ReturnType<typeof turned>>;
  readonly faults: string[];
  /** Releases that runs said they published. */
  readonly published: string[];
}

const wrong = ({ faults }: Scene, what: string, { exit, stdout, stderr }: Ended): void =>
  void faults.push(`${what}: exit ${exit} ${stdout.trim()} ${stderr.trim()}`);

let worlds = 0;

/** Changes the world, and exports it by a clock. */
async function change(scene: Scene, clock: Clock): Promise<Ended> {
  worlds++;
  scene.world.setFaults([`changed=${worlds}@GRD`]);
  const ended = await exportBy(scene, clock, scene.folder);
  const printed = ended.stdout ? printedBy(ended) : null;
  if (printed?.outcome === 'published') scene.published.push(printed.release as string);
  return ended;
}

/** Exports by a clock, and leaves it to the program to name the run by it. */
function exportBy({ world, turn }: Scene, clock: Clock, folder: string): Promise<Ended> {
  const words = exportWords(folder, '', COUNTRIES).filter((word) => word !== '--run' && word !== '');
  const env = { ...environment(world.url), ...turn(clock) };
  return exporter([...words, '--max-retries', '0'], [], { env });
}

/** An export by a wrong clock: published, or refused in words about the time. */
async function wrongClock(scene: Scene, clock: Clock): Promise<void> {
  const ended = await change(scene, clock);
  const printed = ended.stdout ? printedBy(ended) : null;
  const isRefused = ended.exit !== 0 && ABOUT_TIME.test(ended.stdout + ended.stderr);
  if (printed?.outcome !== 'published' && !isRefused)
    wrong(scene, clock === null ? 'a change by the right clock' : `a change by a clock of ${clock}`, ended);
}

/** With clocks right again: a change is published, a failure recorded, and all of it is whole. */
async function rightClock(scene: Scene, after: string): Promise<void> {
  const changed = await change(scene, null);
  if (changed.exit !== 0 || printedBy(changed)?.outcome !== 'published')
    wrong(scene, `a change by the right clock after ${after}`, changed);
  scene.world.setFaults(['500@countries']);
  const failed = await exportBy(scene, null, scene.folder);
  const { last_failure: failure } = JSON.parse(await readFile(join(scene.folder, 'status.json'), 'utf8'));
  const age = Math.abs(Date.now() - Date.parse(failure?.at ?? ''));
  if (failed.exit !== 1 || !(age < 60_000))
    wrong(scene, `a failure after ${after} is not in status.json (${JSON.stringify(failure)})`, failed);
  await change(scene, null);
  const fresh = `${scene.folder}-fresh-${scene.published.length}`;
  await exportBy(scene, null, fresh);
  if ((await contentOf(scene.folder)) !== (await contentOf(fresh)))
    scene.faults.push(`after ${after}: the world's last change is not published`);
  const { problems } = await checkDataset(scene.folder, { published: scene.published });
  scene.faults.push(...problems.map((problem) => `after ${after}: ${problem}`));
}

async function sceneOf(t: TestContext, turn: Awaited<ReturnType<typeof turned>>): Promise<Scene> {
  const folder = join(await temporaryFolder(t), 'data');
  const scene: Scene = { folder, world: await simulator(t), turn, faults: [], published: [] };
  const first = await change(scene, null);
  assert.equal(first.exit, 0, first.stderr);
  return scene;
}

test('after an export by a wrong clock no later change and no failure is lost', async (t) => {
  const turn = await turned();
  const faults: string[] = [];
  for (const clock of CLOCKS.slice(0, 4)) {
    const scene = await sceneOf(t, turn);
    await wrongClock(scene, clock);
    await rightClock(scene, `a clock of ${clock}`);
    faults.push(...scene.faults);
  }
  tell(t, 'four wrong clocks', faults);
});

test('exports by clocks that differ, in any order, lose no change', async (t) => {
  const turn = await turned();
  const dice = chance('clocks');
  const time = budget(0.05);
  const faults: string[] = [];
  let exports = 0;
  for (let first = true; first || time.isLeft(); first = false) {
    const scene = await sceneOf(t, turn);
    const clocks = Array.from({ length: 4 }, () => dice.pick([...CLOCKS, null]));
    for (const clock of clocks) await wrongClock(scene, clock);
    exports += clocks.length;
    await rightClock(scene, `clocks of ${clocks.map((clock) => clock ?? 'right').join(', ')}`);
    faults.push(...scene.faults);
  }
  tell(t, `${exports} exports by clocks of their own`, faults);
});
