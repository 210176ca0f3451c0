// What a command that was struck may say, and what it may not: what it printed, how it ended, and what is there agree.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { again } from './dice.ts';
import type { Done } from './plan-commands.ts';

interface Printed {
  readonly outcome: 'published' | 'unchanged' | 'refused' | 'failed';
  readonly release: string | null;
  readonly reason: string | null;
}

/** What an export printed, null if it did not live to print it. */
export function printedBy({ stdout }: Pick<Done, 'stdout'>): Printed | null {
  return stdout.endsWith('\n') ? (JSON.parse(stdout) as Printed) : null;
}

const EXITS = { published: [0, 3], unchanged: [0, 3], refused: [1], failed: [1] } as const;

/** Words of an export that other runs have overtaken, too often to go on. */
const OVERTAKEN = /^other runs moved the pointer/;

/** What is wrong with how a command ended, in a line each; `together` is what else ran at the time. */
export function faultsOf(done: Done, together: readonly Done[]): string[] {
  const { act, exit, signal, struck } = done;
  const faults: string[] = [];
  const wrong = (what: string): void => void faults.push(`${lineOf(done)}: ${what}`);
  if (signal !== null && !struck.includes(signal)) wrong(`died of ${signal}, which nobody sent`);
  if (act.kind === 'export' || act.kind === 'resume') {
    const printed = printedBy(done);
    if (printed === null) {
      if (signal === null) wrong('printed no outcome');
      return faults;
    }
    const { outcome, release, reason } = printed;
    if (exit !== null && !(EXITS[outcome] as readonly number[]).includes(exit))
      wrong(`${outcome}, exit ${exit}`);
    const stands = outcome === 'published' || outcome === 'unchanged';
    if (stands !== (release !== null)) wrong(`${outcome} with release ${release}`);
    if (outcome === 'failed' && !isStopped(done)) wrong(`failed: ${reason}`);
    if (outcome === 'refused' && !OVERTAKEN.test(reason ?? '')) wrong(`refused: ${reason}`);
    return faults;
  }
  const gone = together.some(({ act: { kind } }) => kind === 'withdraw' || kind === 'prune');
  const maybe = act.kind === 'download' || act.kind === 'verify';
  // Of a release that goes while it is read, any exit is true, and where all were withdrawn there is none.
  const isTrue = maybe && (gone || /no release is published here/.test(done.stderr));
  if (exit !== null && exit !== 0 && !isStopped(done) && !isTrue) wrong(`exit ${exit}`);
  return faults;
}

const isStopped = ({ struck }: Done): boolean => struck.includes('SIGINT') || struck.includes('SIGTERM');

/** A command in a line. */
export const lineOf = ({ words, struck, exit, signal, stdout, stderr }: Done): string =>
  [
    words.map((word) => word.split('/').at(-1)).join(' '),
    struck.length > 0 ? `struck by ${struck.join(', ')}` : '',
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

/** What runs said against the releases that are listed now: published by whom, and by nobody who said otherwise. */
export async function liesOf(
  folder: string,
  all: readonly Done[],
  listed: readonly string[],
): Promise<string[]> {
  const lies: string[] = [];
  const byRun = new Map(
    await Promise.all(listed.map(async (release) => [await runOf(folder, release), release] as const)),
  );
  for (const done of all) {
    const printed = done.run === null ? null : printedBy(done);
    if (!printed) continue;
    const by = printed.outcome === 'published' ? await runOf(folder, printed.release as string) : done.run;
    if (by !== done.run) lies.push(`${lineOf(done)}: but ${printed.release} is of run ${by}`);
    const others = all.filter(({ run }) => run === done.run);
    const nobody = others.every((one) => ['failed', 'refused'].includes(printedBy(one)?.outcome ?? ''));
    const release = byRun.get(done.run);
    if (nobody && release) lies.push(`${lineOf(done)}: but its release ${release} is published`);
  }
  return lies;
}

/** The content of what a folder publishes: the same rows, the same hash. */
export async function contentOf(folder: string): Promise<string> {
  const { manifest } = JSON.parse(await readFile(join(folder, 'latest.json'), 'utf8'));
  return JSON.parse(await readFile(join(folder, manifest), 'utf8')).content_sha256.all;
}

/** Tells how a test went in one line, and fails it with every fault in a line of its own. */
export function tell(t: TestContext, what: string, faults: readonly string[]): void {
  const line = `${what}: ${faults.length === 0 ? 'nothing lost, nothing false said' : 'FAULTS'}; ${again}`;
  t.diagnostic(line);
  process.stdout.write(`${line}\n`);
  if (faults.length > 0) assert.fail(`${again}\n${faults.join('\n')}`);
}
