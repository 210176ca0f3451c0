// Mixed loops: exports, resumed exports, prune, withdraw, download and verify at the same time on one folder, with random signals.
// After each loop, every release that a run reported as published must be listed, and the newest state of the world must be
// published. The checker, which shares no code with the program, must find no problem.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Simulator } from '../../lib/simulator/server.ts';
import { checkDataset } from '../checker.ts';
import { TURNLESS } from '../lease.ts';
import { simulator, temporaryFolder } from '../setting.ts';
import {
  contentHash,
  describeCommand,
  faultsOf,
  findFalseOutcomes,
  parseOutcome,
  reportFaults,
} from './check-outcomes.ts';
import { createDice, timeShare } from './dice.ts';
import {
  COUNTRIES,
  type CommandResult,
  environment,
  exportArgs,
  listedReleases,
  planSteps,
  runCommand,
  type Workspace,
} from './plan-commands.ts';
import { type ProcessResult, runExporter } from './run-exporter.ts';

const STEPS = 6;

interface Tally {
  loops: number;
  runs: number;
  signalsSent: number;
  published: number;
  listed: number;
  withdrawn: number;
}

/** Runs a final command without signals; it must succeed. */
async function runUndisturbed(
  args: readonly string[],
  url: string,
  faults: string[],
): Promise<ProcessResult> {
  const result = await runExporter(args, [], { env: environment(url) });
  if (result.exit !== 0)
    faults.push(`undisturbed ${args[0]}: exit ${result.exit} ${result.stdout}${result.stderr}`);
  return result;
}

/** Repeats stopped withdrawals, as the help says, then exports and downloads. Returns the release of the last export. */
async function finishLoop(
  workspace: Workspace,
  results: readonly CommandResult[],
  faults: string[],
): Promise<string[]> {
  const { folder, copy, url } = workspace;
  const stopped = results.filter(({ command, signal }) => command.kind === 'withdraw' && signal !== null);
  for (const { args } of stopped) await runUndisturbed(args, url, faults);
  const last = '2026-11-24T06-00-00Z-last';
  const { stdout } = await runUndisturbed(exportArgs(folder, last, COUNTRIES), url, faults);
  const fresh = `${folder}-fresh`;
  await runUndisturbed(exportArgs(fresh, last, COUNTRIES), url, faults);
  const [now, truth] = await Promise.all([contentHash(folder), contentHash(fresh)]);
  if (now !== truth) faults.push(`the world's last change is not published: ${stdout}`);
  await runUndisturbed(['download', folder, '--to', copy, '--quiet'], url, faults);
  const { problems } = await checkDataset(copy, { copy: true, killed: true });
  faults.push(...problems.map((problem) => `the copy: ${problem}`));
  const lastOutcome = stdout ? parseOutcome({ stdout }) : null;
  return lastOutcome?.outcome === 'published' ? [lastOutcome.release as string] : [];
}

async function runLoop(t: TestContext, world: Simulator, number: number): Promise<[Tally, string[]]> {
  const scratch = await temporaryFolder(t);
  const workspace: Workspace = {
    folder: join(scratch, 'data'),
    copy: join(scratch, 'copy'),
    url: world.url,
    // In every other loop, exports do not take turns: the pointer's compare-and-swap decides alone.
    env: number % 2 === 0 ? {} : TURNLESS,
    runs: [],
  };
  await mkdir(workspace.copy);
  const results: CommandResult[] = [];
  const faults: string[] = [];
  for (const { faults: changes, commands } of planSteps(createDice(`loop ${number}`), STEPS)) {
    world.setFaults(changes);
    const step = (await Promise.all(commands.map((command) => runCommand(workspace, command)))).filter(
      (result) => result !== null,
    );
    for (const result of step) faults.push(...faultsOf(result, step));
    results.push(...step);
  }
  const reported = results.flatMap((result) => {
    const printed = result.run === null ? null : parseOutcome(result);
    return printed?.outcome === 'published' ? [printed.release as string] : [];
  });
  reported.push(...(await finishLoop(workspace, results, faults)));
  const checked = await checkDataset(workspace.folder, { published: reported, killed: true });
  faults.push(
    ...checked.problems,
    ...(await findFalseOutcomes(workspace.folder, results, await listedReleases(workspace.folder))),
  );
  if (faults.length > 0)
    faults.unshift(`loop ${number}:`, ...results.map((result) => `  ${describeCommand(result)}`));
  const tally = {
    loops: 1,
    runs: results.length,
    signalsSent: results.filter(({ signalsSent }) => signalsSent.length > 0).length,
    published: new Set(reported).size,
    listed: checked.listed.length,
    withdrawn: checked.withdrawn.length,
  };
  return [tally, faults];
}

test('concurrent commands with random signals lose no published release', async (t) => {
  const world = await simulator(t);
  const share = timeShare(0.35);
  const total: Tally = { loops: 0, runs: 0, signalsSent: 0, published: 0, listed: 0, withdrawn: 0 };
  const faults: string[] = [];
  for (let number = 1; number === 1 || share.hasTime(); number++) {
    const [tally, loopFaults] = await runLoop(t, world, number);
    for (const key of Object.keys(total) as (keyof Tally)[]) total[key] += tally[key];
    faults.push(...loopFaults);
  }
  reportFaults(
    t,
    `${total.loops} loops: ${total.runs} runs, ${total.signalsSent} of them with signals; ` +
      `${total.published} releases called published by their runs, ${total.listed} listed ` +
      `(${total.withdrawn} withdrawn)`,
    faults,
  );
});
