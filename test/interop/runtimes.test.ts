// The reader in Bun and Deno: the same rows as in Node.js, and the same errors. Both come from npm's registry.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { cachedFolder } from '../cache.ts';
import { serveTable } from '../dataset/serve-table.ts';
import type { Fault } from '../dataset/start-files.ts';

const run = promisify(execFile);

const PROGRAM = join(import.meta.dirname, 'read-by-faults.ts');

/** Each with the script that its package runs after an installation, and how it runs a program. */
const RUNTIMES = [
  { name: 'bun', version: '1.4.5', setup: 'install.js', args: ['run'] },
  {
    name: 'deno',
    version: '2.9.6',
    setup: 'install.cjs',
    args: ['run', '--allow-net', '--allow-read', '--allow-env'],
  },
] as const;

/** Faults by the name that the program sends. */
const FAULTS: Readonly<Record<string, (number: number) => Fault | undefined>> = {
  none: () => undefined,
  busy: (number) => (number % 2 === 1 ? { status: 503 } : undefined),
  cut: (number) => (number % 2 === 1 ? { cutAfter: 100 } : undefined),
  whole: () => ({ noRanges: true }),
  replaced: (number) => ({ headers: { ETag: `"${number}"` } }),
  zeroes: () => ({ change: (body) => body.fill(0) }),
  refused: () => ({ status: 403 }),
  stall: () => ({ stall: true }),
};

/** Path of the runtime, which is installed when first needed. */
async function ensureRuntime({ name, version, setup }: (typeof RUNTIMES)[number]): Promise<string> {
  const folder = await cachedFolder(`${name}-${version}`, async (part) => {
    await writeFile(join(part, 'package.json'), '{ "private": true }');
    await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${version}`], {
      cwd: part,
    });
    const script = join(part, 'node_modules', name, setup);
    await run(process.execPath, [script], { cwd: dirname(script) });
  });
  return join(folder, 'node_modules/.bin', name);
}

test('Bun and Deno read the rows that Node.js reads, and say the same of each fault', async (t) => {
  const { files, release } = await serveTable(t);
  const sum: [number, number] = [0, 0];
  for await (const { num_present_idp_ind } of release.rows('admin2')) {
    sum[0]++;
    sum[1] += num_present_idp_ind ?? 0;
  }
  const { value: first } = await release.rows('admin2').next();
  const failures = { replaced: 'replaced', zeroes: 'damaged', refused: 'unreachable', stall: 'TimeoutError' };
  const expected = {
    outcomes: { none: sum, busy: sum, cut: sum, whole: sum, ...failures },
    bytes: release.file('csv/admin2.csv.gz').bytes,
    first,
  };
  for (const runtime of RUNTIMES)
    await t.test(`${runtime.name} ${runtime.version}`, async () => {
      let number = 0;
      files.fault = ({ path, headers }) =>
        path.endsWith('admin2.parquet') ? FAULTS[String(headers['x-fault'])]?.(++number) : undefined;
      const { stdout } = await run(
        await ensureRuntime(runtime),
        [...runtime.args, PROGRAM, files.url, ...Object.keys(FAULTS)],
        {
          timeout: 60_000,
        },
      );
      assert.deepEqual(JSON.parse(stdout), expected);
      assert.ok(number > 20, `${number} requests`);
    });
});
