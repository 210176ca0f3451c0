// Measures an export by the built program. It runs as users run it, but some parts can be left out.
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Manifest } from '../../lib/release/manifest.ts';
import type { Outcome } from '../../lib/run/outcome/outcome.ts';
import { type Cost, gzipCacheModule, insidePath, runNode } from './run-process.ts';
import { MAX_ANSWER_BYTES } from './serve-answers.ts';

/** The built command. */
export const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js');

/** Parts that can be left out: gzip of CSV, gzip of raw answers, workbooks. */
export type Part = 'csv' | 'raw' | 'workbooks';

/** One run of the program: folder, run id, and the parts to leave out. */
export interface Export {
  readonly name: string;
  readonly to: string;
  readonly run: string;
  readonly without: readonly Part[];
  /** Folder of cached gzip results, for runs without gzip. */
  readonly gzipCache: string;
  readonly expected: Outcome['outcome'];
  readonly environment: Readonly<Record<string, string>>;
}

/** Runs the export in a new process. @throws {Error} if the outcome is not as expected, or a part was not left out */
export async function measureExport(exportRun: Export): Promise<{ cost: Cost; outcome: Outcome }> {
  const { name, to, run, expected, environment } = exportRun;
  const limit = ['--max-bytes', String(MAX_ANSWER_BYTES)];
  const args = [MAIN, 'export', '--to', to, '--run', run, ...limit, '--quiet', '--json'];
  const { cost, stdout } = await runNode({ name, args, environment }, preloads(exportRun));
  const outcome = JSON.parse(stdout) as Outcome;
  if (outcome.outcome !== expected)
    throw new Error(`${name} ended as ${outcome.outcome} (${outcome.reason}), expected ${expected}`);
  if (outcome.outcome === 'published') await checkLeftOut(exportRun, await releaseOf(to, run));
  return { cost, outcome };
}

function preloads({ without, gzipCache }: Export): string[] {
  const gzip = without.filter((part) => part !== 'workbooks');
  return [
    ...(gzip.length > 0 ? [gzipCacheModule(gzipCache, gzip)] : []),
    ...(without.includes('workbooks') ? [insidePath('skip-workbooks.mjs')] : []),
  ];
}

/** A release in a folder. */
export interface Release {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Finds the release of a run. */
export async function releaseOf(to: string, run: string): Promise<Release> {
  for (const id of await readdir(join(to, 'releases'))) {
    const folder = join(to, 'releases', id);
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
    if (manifest.run === run) return { folder, manifest };
  }
  throw new Error(`run ${run} has no release in ${to}`);
}

/** The modules of inside/ depend on how the program is built. @throws {Error} if they no longer work */
async function checkLeftOut({ name, without, gzipCache }: Export, { manifest }: Release): Promise<void> {
  const count = (format: string) => manifest.files.filter((file) => file.format === format).length;
  const workbooks = count('xlsx') === 0;
  const csv = without.includes('csv') && (await readdir(gzipCache)).length >= count('csv');
  for (const [part, isLeftOut] of Object.entries({ workbooks, csv }))
    if (isLeftOut !== without.includes(part as Part))
      throw new Error(`${name}: ${part} were ${isLeftOut ? '' : 'not '}left out: repair test/bench/inside/`);
}
