// Mixed loops: exports, resumed ones, prune, withdraw, download and verify at once on one folder, while signals strike
// them at any time. After each loop everything that a run called published is in the list, the newest state of the world
// is what the folder says, and the checker, which shares no code with the program, finds nothing wrong.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Simulator } from '../../lib/simulator/server.ts';
import { checkDataset } from '../checker.ts';
import { simulator, temporaryFolder } from '../setting.ts';
import { contentOf, faultsOf, liesOf, lineOf, printedBy, tell } from './check-outcomes.ts';
import { budget, chance } from './dice.ts';
import {
  COUNTRIES,
  type Done,
  environment,
  exportWords,
  listedReleases,
  perform,
  planOf,
  type Stage,
} from './plan-commands.ts';
import { type Ended, exporter } from './run-exporter.ts';

const STEPS = 6;

interface Tally {
  scenarios: number;
  runs: number;
  struck: number;
  published: number;
  listed: number;
  withdrawn: number;
}

/** A last command that nothing disturbs must do what it is for. */
async function calmly(words: readonly string[], url: string, faults: string[]): Promise<Ended> {
  const ended = await exporter(words, [], { env: environment(url) });
  if (ended.exit !== 0)
    faults.push(`calm at last, ${words[0]}: exit ${ended.exit} ${ended.stdout}${ended.stderr}`);
  return ended;
}

/** Lets what was stopped be finished, as the program's help says, by running it again. */
async function settle(stage: Stage, all: readonly Done[], faults: string[]): Promise<string[]> {
  const { folder, copy, url } = stage;
  const stopped = all.filter(({ act, signal }) => act.kind === 'withdraw' && signal !== null);
  for (const { words } of stopped) await calmly(words, url, faults);
  const last = '2026-11-24T06-00-00Z-last';
  const { stdout } = await calmly(exportWords(folder, last, COUNTRIES), url, faults);
  const fresh = `${folder}-fresh`;
  await calmly(exportWords(fresh, last, COUNTRIES), url, faults);
  const [now, truth] = await Promise.all([contentOf(folder), contentOf(fresh)]);
  if (now !== truth) faults.push(`the world's last change is not published: ${stdout}`);
  await calmly(['download', folder, '--to', copy, '--quiet'], url, faults);
  const { problems } = await checkDataset(copy, { copy: true, killed: true });
  faults.push(...problems.map((problem) => `the copy: ${problem}`));
  const ending = stdout ? printedBy({ stdout }) : null;
  return ending?.outcome === 'published' ? [ending.release as string] : [];
}

async function scenario(t: TestContext, world: Simulator, number: number): Promise<[Tally, string[]]> {
  const scratch = await temporaryFolder(t);
  const stage: Stage = {
    folder: join(scratch, 'data'),
    copy: join(scratch, 'copy'),
    url: world.url,
    runs: [],
  };
  await mkdir(stage.copy);
  const all: Done[] = [];
  const faults: string[] = [];
  for (const { faults: changes, acts } of planOf(chance(`loop ${number}`), STEPS)) {
    world.setFaults(changes);
    const step = (await Promise.all(acts.map((act) => perform(stage, act)))).filter((done) => done !== null);
    for (const done of step) faults.push(...faultsOf(done, step));
    all.push(...step);
  }
  const said = all.flatMap((done) => {
    const printed = done.run === null ? null : printedBy(done);
    return printed?.outcome === 'published' ? [printed.release as string] : [];
  });
  said.push(...(await settle(stage, all, faults)));
  const checked = await checkDataset(stage.folder, { published: said, killed: true });
  faults.push(...checked.problems, ...(await liesOf(stage.folder, all, await listedReleases(stage.folder))));
  if (faults.length > 0) faults.unshift(`loop ${number}:`, ...all.map((done) => `  ${lineOf(done)}`));
  const tally = {
    scenarios: 1,
    runs: all.length,
    struck: all.filter(({ struck }) => struck.length > 0).length,
    published: new Set(said).size,
    listed: checked.listed.length,
    withdrawn: checked.withdrawn.length,
  };
  return [tally, faults];
}

test('commands at once, struck by signals, lose nothing that was published', async (t) => {
  const world = await simulator(t);
  const time = budget(0.35);
  const total: Tally = { scenarios: 0, runs: 0, struck: 0, published: 0, listed: 0, withdrawn: 0 };
  const faults: string[] = [];
  for (let number = 1; number === 1 || time.isLeft(); number++) {
    const [tally, found] = await scenario(t, world, number);
    for (const key of Object.keys(total) as (keyof Tally)[]) total[key] += tally[key];
    faults.push(...found);
  }
  tell(
    t,
    `${total.scenarios} loops: ${total.runs} runs, ${total.struck} of them struck by signals; ` +
      `${total.published} releases called published by their runs, ${total.listed} listed ` +
      `(${total.withdrawn} withdrawn)`,
    faults,
  );
});
