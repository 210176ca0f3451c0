// An export by the built program, as its users run it, but for what is left out.
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Manifest } from '../../lib/release/manifest.ts';
import type { Outcome } from '../../lib/run/outcome/outcome.ts';
import { type Cost, freshNode, inside, remembering } from './run-process.ts';

const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js');

/** What can be left out: gzip of CSV, gzip of raw answers, workbooks. */
export type Part = 'csv' | 'raw' | 'workbooks';

/** A run of the program: into which folder, by which id, without what. */
export interface Export {
  readonly name: string;
  readonly to: string;
  readonly run: string;
  readonly without: readonly Part[];
  /** Where results of gzip that is left out are remembered. */
  readonly memory: string;
  readonly expected: Outcome['outcome'];
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs it in a fresh process. @throws {Error} if it ends otherwise than expected, or something was not left out */
export async function measureExport(asked: Export): Promise<{ cost: Cost; outcome: Outcome }> {
  const { name, to, run, expected, environment } = asked;
  const words = [MAIN, 'export', '--to', to, '--run', run, '--quiet', '--json'];
  const { cost, said } = await freshNode({ name, words, environment }, preloads(asked));
  const outcome = JSON.parse(said) as Outcome;
  if (outcome.outcome !== expected)
    throw new Error(`${name} ended as ${outcome.outcome} (${outcome.reason}), expected ${expected}`);
  if (outcome.outcome === 'published') await checkLeftOut(asked, await releaseOf(to, run));
  return { cost, outcome };
}

function preloads({ without, memory }: Export): string[] {
  const gzip = without.filter((part) => part !== 'workbooks');
  return [
    ...(gzip.length > 0 ? [remembering(memory, gzip)] : []),
    ...(without.includes('workbooks') ? [inside('skip-workbooks.mjs')] : []),
  ];
}

/** A release on disk. */
export interface Release {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** The release that a run has made. */
export async function releaseOf(to: string, run: string): Promise<Release> {
  for (const id of await readdir(join(to, 'releases'))) {
    const folder = join(to, 'releases', id);
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
    if (manifest.run === run) return { folder, manifest };
  }
  throw new Error(`run ${run} has no release in ${to}`);
}

/** How something is left out depends on how the program is built: this says so when that has changed. */
async function checkLeftOut({ name, without, memory }: Export, { manifest }: Release): Promise<void> {
  const count = (format: string) => manifest.files.filter((file) => file.format === format).length;
  const workbooks = count('xlsx') === 0;
  const csv = without.includes('csv') && (await readdir(memory)).length >= count('csv');
  for (const [part, isLeftOut] of Object.entries({ workbooks, csv }))
    if (isLeftOut !== without.includes(part as Part))
      throw new Error(`${name}: ${part} were ${isLeftOut ? '' : 'not '}left out: mend test/bench/inside/`);
}
