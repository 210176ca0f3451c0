// Checks that a command's exit, its output and the dataset agree, also if signals stopped it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { repeatCommand } from './dice.ts';
import type { CommandResult } from './plan-commands.ts';

interface Printed {
  readonly outcome: 'published' | 'unchanged' | 'refused' | 'failed' | 'skipped';
  readonly release: string | null;
  readonly reason: string | null;
}

/** Parses the outcome that an export printed; null if a signal ended it before. */
export function parseOutcome({ stdout }: Pick<CommandResult, 'stdout'>): Printed | null {
  return stdout.endsWith('\n') ? (JSON.parse(stdout) as Printed) : null;
}

const EXITS = { published: [0, 3], unchanged: [0, 3], refused: [1], failed: [1], skipped: [0] } as const;

/** Reason of an export that gave up because other runs published too often. */
const GAVE_UP = /^other runs moved the pointer/;

/** Faults in the result of a command, one line each; `together` are the commands of the same step. */
export function faultsOf(result: CommandResult, together: readonly CommandResult[]): string[] {
  const { command, exit, signal, signalsSent } = result;
  const faults: string[] = [];
  const addFault = (fault: string): void => void faults.push(`${describeCommand(result)}: ${fault}`);
  if (signal !== null && !signalsSent.includes(signal))
    addFault(`died of ${signal}, which the test did not send`);
  if (command.kind === 'export' || command.kind === 'resume') {
    const printed = parseOutcome(result);
    if (printed === null) {
      if (signal === null) addFault('printed no outcome');
      return faults;
    }
    const { outcome, release, reason } = printed;
    if (exit !== null && !(EXITS[outcome] as readonly number[]).includes(exit))
      addFault(`${outcome}, exit ${exit}`);
    const hasRelease = outcome === 'published' || outcome === 'unchanged';
    if (hasRelease !== (release !== null)) addFault(`${outcome} with release ${release}`);
    const exports = together.filter(({ command: { kind } }) => kind === 'export' || kind === 'resume');
    if (outcome === 'skipped' && exports.length < 2) addFault(`skipped: ${reason}`);
    if (outcome === 'failed' && !isStopped(result)) addFault(`failed: ${reason}`);
    if (outcome === 'refused' && !GAVE_UP.test(reason ?? '')) addFault(`refused: ${reason}`);
    return faults;
  }
  const isReleaseRemoved = together.some(({ command: { kind } }) => kind === 'withdraw' || kind === 'prune');
  const isReader = command.kind === 'download' || command.kind === 'verify';
  // A download or verify may fail if its release is removed meanwhile, or if no release is left.
  const mayFail = isReader && (isReleaseRemoved || /no release is published here/.test(result.stderr));
  if (exit !== null && exit !== 0 && !isStopped(result) && !mayFail) addFault(`exit ${exit}`);
  return faults;
}

const isStopped = ({ signalsSent }: CommandResult): boolean =>
  signalsSent.includes('SIGINT') || signalsSent.includes('SIGTERM');

/** Describes a command and its result in one line. */
export const describeCommand = ({ args, signalsSent, exit, signal, stdout, stderr }: CommandResult): string =>
  [
    args.map((word) => word.split('/').at(-1)).join(' '),
    signalsSent.length > 0 ? `signals ${signalsSent.join(', ')}` : '',
    `ended with ${signal ?? exit}`,
    stdout.trim().slice(0, 300),
    stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '',
  ]
    .filter((part) => part !== '')
    .join(' | ');

async function runOf(folder: string, release: string): Promise<string | null> {
  const path = join(folder, 'releases', release, 'manifest.json');
  const body = await readFile(path, 'utf8').catch(() => null);
  return body && (JSON.parse(body) as { run: string }).run;
}

/**
 * Compares the outcomes that runs reported with the listed releases. A published release must belong to the run that reported it,
 * and a run that always failed must have no release.
 */
export async function findFalseOutcomes(
  folder: string,
  all: readonly CommandResult[],
  listed: readonly string[],
): Promise<string[]> {
  const faults: string[] = [];
  const releaseByRun = new Map(
    await Promise.all(listed.map(async (release) => [await runOf(folder, release), release] as const)),
  );
  for (const result of all) {
    const printed = result.run === null ? null : parseOutcome(result);
    if (!printed) continue;
    const actualRun =
      printed.outcome === 'published' ? await runOf(folder, printed.release as string) : result.run;
    if (actualRun !== result.run)
      faults.push(`${describeCommand(result)}: but ${printed.release} is of run ${actualRun}`);
    const others = all.filter(({ run }) => run === result.run);
    const isNeverPublished = others.every((other) =>
      ['failed', 'refused', 'skipped'].includes(parseOutcome(other)?.outcome ?? ''),
    );
    const release = releaseByRun.get(result.run);
    if (isNeverPublished && release)
      faults.push(`${describeCommand(result)}: but its release ${release} is published`);
  }
  return faults;
}

/** Content hash of the current release: equal rows give equal hashes. */
export async function contentHash(folder: string): Promise<string> {
  const { manifest } = JSON.parse(await readFile(join(folder, 'latest.json'), 'utf8'));
  return JSON.parse(await readFile(join(folder, manifest), 'utf8')).content_sha256.all;
}

/** Prints the result of a test in one line. Fails the test if there are faults, one line each. */
export function reportFaults(t: TestContext, what: string, faults: readonly string[]): void {
  const line = `${what}: ${faults.length === 0 ? 'no loss, no false report' : 'FAULTS'}; ${repeatCommand}`;
  t.diagnostic(line);
  process.stdout.write(`${line}\n`);
  if (faults.length > 0) assert.fail(`${repeatCommand}\n${faults.join('\n')}`);
}
