// The functions as Lambda has them: their bundles, imported and called in fresh processes, with the memory that the
// stack gives them.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Cost, fresh, freshNode, inside } from './run-process.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const BUNDLED = ['plan', 'fetch', 'publish'] as const;

/** As the stack sets it: what the functions run with. */
const NODE_OPTIONS = '--enable-source-maps';

/** AWS: megabytes of memory that come with one whole CPU. */
const MB_A_CPU = 1769;
const DAYS = 30;

/** Bundles all functions below a folder. */
export async function bundleFunctions(folder: string): Promise<void> {
  const packaging = pathToFileURL(join(ROOT, 'infra/package.ts'));
  const program = `const { packageAll } = await import('${packaging}'); await packageAll(${JSON.stringify(folder)})`;
  await fresh({ name: 'packaging', words: ['--input-type=module', '--eval', program] });
}

const bundleOf = (folder: string, name: string): string => join(folder, name, `${name}.mjs`);

/** Milliseconds that importing each bundle takes, turn by turn, so many times. */
export async function measureImports(folder: string, times: number): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = Object.fromEntries(BUNDLED.map((name) => [name, []]));
  for (let time = 0; time < times; time++)
    for (const name of BUNDLED) found[name]?.push(await importTime(bundleOf(folder, name)));
  return found;
}

async function importTime(bundle: string): Promise<number> {
  const program = `const from = performance.now(); await import('${pathToFileURL(bundle)}'); console.log(performance.now() - from)`;
  const words = ['--input-type=module', '--eval', program];
  const { said } = await fresh({ name: `importing ${bundle}`, words, environment: { NODE_OPTIONS } });
  return Number(said);
}

/**
 * What the function `publish` costs, so many times, of a run that an export has made in the folder `to`, of which
 * nothing but what was staged is left.
 */
export async function measurePublish(
  folder: string,
  { to, run, times }: { to: string; run: string; times: number },
): Promise<Cost[]> {
  const environment = { NODE_OPTIONS, DTM_DESTINATION: to, DTM_API_VERSION: 'v3' };
  const costs: Cost[] = [];
  for (let time = 0; time < times; time++) {
    for (const name of (await readdir(to)).filter((each) => each !== 'runs'))
      await rm(join(to, name), { recursive: true });
    const words = [inside('publish.mjs'), bundleOf(folder, 'publish'), run];
    costs.push((await freshNode({ name: 'publish', words, environment })).cost);
  }
  return costs;
}

/** Megabytes that the stack gives `publish` and `fetch`. */
export async function functionMemory(): Promise<{ publish: number; fetch: number }> {
  const parameters = await readFile(join(ROOT, 'infra/parameters.yml'), 'utf8');
  const read = (name: string): number =>
    Number(new RegExp(`^${name}: \\$\\{param:${name}, (\\d+)\\}`, 'm').exec(parameters)?.[1]);
  return { publish: read('memory'), fetch: read('fetchMemory') };
}

/** Seconds that are paid for: those that passed, or, with less than one CPU or two, those that the CPU needs. */
export const billedSeconds = ({ wall, cpu }: Pick<Cost, 'wall' | 'cpu'>, megabytes: number): number =>
  Math.max(wall, cpu / (megabytes / MB_A_CPU));

/** GB-seconds a month at a daily run. */
export const gigabyteSeconds = (seconds: number, megabytes: number): number =>
  (megabytes / 1024) * seconds * DAYS;
