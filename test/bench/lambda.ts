// Measures the functions as Lambda runs them: imports and calls their bundles in new processes, with the memory size of the stack.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Cost, insidePath, runNode, runProcess } from './run-process.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const BUNDLED = ['plan', 'fetch', 'publish'] as const;

/** The functions' NODE_OPTIONS, as the stack sets them. */
const NODE_OPTIONS = '--enable-source-maps';

/** AWS: megabytes of memory that give one whole CPU. */
const MB_PER_CPU = 1769;
const DAYS = 30;

/** Bundles all functions below a folder. */
export async function bundleFunctions(folder: string): Promise<void> {
  const packaging = pathToFileURL(join(ROOT, 'infra/package.ts'));
  const program = `const { packageAll } = await import('${packaging}'); await packageAll(${JSON.stringify(folder)})`;
  await runProcess({ name: 'packaging', args: ['--input-type=module', '--eval', program] });
}

const bundleOf = (folder: string, name: string): string => join(folder, name, `${name}.mjs`);

/** Milliseconds to import each bundle, `times` times, in turn. */
export async function measureImports(folder: string, times: number): Promise<Record<string, number[]>> {
  const milliseconds: Record<string, number[]> = Object.fromEntries(BUNDLED.map((name) => [name, []]));
  for (let count = 0; count < times; count++)
    for (const name of BUNDLED) milliseconds[name]?.push(await importTime(bundleOf(folder, name)));
  return milliseconds;
}

async function importTime(bundle: string): Promise<number> {
  const program = `const from = performance.now(); await import('${pathToFileURL(bundle)}'); console.log(performance.now() - from)`;
  const args = ['--input-type=module', '--eval', program];
  const { stdout } = await runProcess({ name: `importing ${bundle}`, args, environment: { NODE_OPTIONS } });
  return Number(stdout);
}

/**
 * Measures the function `publish` on a run of an export in the folder `to`. Before each call, everything but the staged run is
 * removed.
 */
export async function measurePublish(
  folder: string,
  { to, run, times }: { to: string; run: string; times: number },
): Promise<Cost[]> {
  const environment = { NODE_OPTIONS, DTM_DESTINATION: to, DTM_API_VERSION: 'v3' };
  const costs: Cost[] = [];
  for (let count = 0; count < times; count++) {
    for (const name of (await readdir(to)).filter((entry) => entry !== 'runs'))
      await rm(join(to, name), { recursive: true });
    const args = [insidePath('publish.mjs'), bundleOf(folder, 'publish'), run];
    costs.push((await runNode({ name: 'publish', args, environment })).cost);
  }
  return costs;
}

/** Memory size of `publish` and `fetch` in the stack, in megabytes. */
export async function functionMemory(): Promise<{ publish: number; fetch: number }> {
  const parameters = await readFile(join(ROOT, 'infra/parameters.yml'), 'utf8');
  const read = (name: string): number =>
    Number(new RegExp(`^${name}: \\$\\{param:${name}, (\\d+)\\}`, 'm').exec(parameters)?.[1]);
  return { publish: read('memory'), fetch: read('fetchMemory') };
}

/** Billed seconds: the wall time, or the CPU time at this function's share of a CPU if that is longer. */
export const billedSeconds = ({ wall, cpu }: Pick<Cost, 'wall' | 'cpu'>, megabytes: number): number =>
  Math.max(wall, cpu / (megabytes / MB_PER_CPU));

/** GB-seconds per month with one run per day. */
export const gigabyteSeconds = (seconds: number, megabytes: number): number =>
  (megabytes / 1024) * seconds * DAYS;
