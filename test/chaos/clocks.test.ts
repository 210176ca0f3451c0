// Exports with wrong clocks, set by Debian's libfaketime to an hour, days or a year ahead or behind. When the clock is right again,
// the next change must be published and a failure must be recorded.
import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Simulator } from '../../lib/simulator/server.ts';
import { checkDataset } from '../checker.ts';
import { ensureDebian } from '../ensure-debian.ts';
import { simulator, temporaryFolder } from '../setting.ts';
import { contentHash, parseOutcome, reportFaults } from './check-outcomes.ts';
import { createDice, timeShare } from './dice.ts';
import { COUNTRIES, environment, exportArgs } from './plan-commands.ts';
import { type ProcessResult, runExporter } from './run-exporter.ts';

/** Offsets of wrong clocks. */
const CLOCKS = ['+1h', '-1h', '+1y', '-1y', '+3d', '-3d'] as const;
type Clock = (typeof CLOCKS)[number] | null;

/** Installs libfaketime. Returns the environment that sets the clock of a process; monotonic clocks stay right. */
async function installFaketime(): Promise<(clock: Clock) => Record<string, string>> {
  await ensureDebian({ command: 'faketime', packages: ['libfaketime'] });
  for await (const library of glob('/usr/lib/*/faketime/libfaketimeMT.so.1'))
    return (clock) =>
      clock === null ? {} : { LD_PRELOAD: library, FAKETIME: clock, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  throw new Error('libfaketime is installed, but its library is not where Debian puts it');
}

/** A refusal because of clocks must match this. */
const ABOUT_TIME = /clock|future|ahead|behind/i;

interface Setup {
  readonly folder: string;
  readonly world: Simulator;
  readonly fakeClock: Awaited<ReturnType<typeof installFaketime>>;
  readonly faults: string[];
  /** Releases that runs reported as published. */
  readonly published: string[];
}

const addFault = ({ faults }: Setup, title: string, { exit, stdout, stderr }: ProcessResult): void =>
  void faults.push(`${title}: exit ${exit} ${stdout.trim()} ${stderr.trim()}`);

let changes = 0;

/** Changes the world and exports it with this clock. */
async function exportChange(setup: Setup, clock: Clock): Promise<ProcessResult> {
  changes++;
  setup.world.setFaults([`changed=${changes}@GRD`]);
  const result = await exportWithClock(setup, clock, setup.folder);
  const printed = result.stdout ? parseOutcome(result) : null;
  if (printed?.outcome === 'published') setup.published.push(printed.release as string);
  return result;
}

/** Exports with this clock. The program makes the run id from the clock. */
function exportWithClock({ world, fakeClock }: Setup, clock: Clock, folder: string): Promise<ProcessResult> {
  const args = exportArgs(folder, '', COUNTRIES).filter((word) => word !== '--run' && word !== '');
  const env = { ...environment(world.url), ...fakeClock(clock) };
  return runExporter([...args, '--max-retries', '0'], [], { env });
}

/** Exports with a wrong clock: it must publish, or refuse with a reason about the time. */
async function exportWithWrongClock(setup: Setup, clock: Clock): Promise<void> {
  const result = await exportChange(setup, clock);
  const printed = result.stdout ? parseOutcome(result) : null;
  const isRefused = result.exit !== 0 && ABOUT_TIME.test(result.stdout + result.stderr);
  if (printed?.outcome !== 'published' && !isRefused)
    addFault(
      setup,
      clock === null ? 'a change by the right clock' : `a change by a clock of ${clock}`,
      result,
    );
}

/** Checks with the right clock: a change is published, a failure is recorded, and the dataset is whole. */
async function checkWithRightClock(setup: Setup, after: string): Promise<void> {
  const changeResult = await exportChange(setup, null);
  if (changeResult.exit !== 0 || parseOutcome(changeResult)?.outcome !== 'published')
    addFault(setup, `a change by the right clock after ${after}`, changeResult);
  setup.world.setFaults(['500@countries']);
  const failed = await exportWithClock(setup, null, setup.folder);
  const { last_failure: failure } = JSON.parse(await readFile(join(setup.folder, 'status.json'), 'utf8'));
  const age = Math.abs(Date.now() - Date.parse(failure?.at ?? ''));
  if (failed.exit !== 1 || !(age < 60_000))
    addFault(setup, `a failure after ${after} is not in status.json (${JSON.stringify(failure)})`, failed);
  await exportChange(setup, null);
  const fresh = `${setup.folder}-fresh-${setup.published.length}`;
  await exportWithClock(setup, null, fresh);
  if ((await contentHash(setup.folder)) !== (await contentHash(fresh)))
    setup.faults.push(`after ${after}: the world's last change is not published`);
  const { problems } = await checkDataset(setup.folder, { published: setup.published });
  setup.faults.push(...problems.map((problem) => `after ${after}: ${problem}`));
}

async function setUp(t: TestContext, fakeClock: Awaited<ReturnType<typeof installFaketime>>): Promise<Setup> {
  const folder = join(await temporaryFolder(t), 'data');
  const setup: Setup = { folder, world: await simulator(t), fakeClock, faults: [], published: [] };
  const first = await exportChange(setup, null);
  assert.equal(first.exit, 0, first.stderr);
  return setup;
}

test('after an export with a wrong clock, later changes are published and failures recorded', async (t) => {
  const fakeClock = await installFaketime();
  const faults: string[] = [];
  for (const clock of CLOCKS.slice(0, 4)) {
    const setup = await setUp(t, fakeClock);
    await exportWithWrongClock(setup, clock);
    await checkWithRightClock(setup, `a clock of ${clock}`);
    faults.push(...setup.faults);
  }
  reportFaults(t, 'four wrong clocks', faults);
});

test('exports with different clocks, in any order, lose no change', async (t) => {
  const fakeClock = await installFaketime();
  const dice = createDice('clocks');
  const share = timeShare(0.05);
  const faults: string[] = [];
  let exports = 0;
  for (let first = true; first || share.hasTime(); first = false) {
    const setup = await setUp(t, fakeClock);
    const clocks = Array.from({ length: 4 }, () => dice.pick([...CLOCKS, null]));
    for (const clock of clocks) await exportWithWrongClock(setup, clock);
    exports += clocks.length;
    await checkWithRightClock(setup, `clocks of ${clocks.map((clock) => clock ?? 'right').join(', ')}`);
    faults.push(...setup.faults);
  }
  reportFaults(t, `${exports} exports with different clocks`, faults);
});
