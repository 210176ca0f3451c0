// Runs every reader on a full world and on a world of hostile names, and compares the results with the API's raw answers.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { ensureDebian } from '../../ensure-debian.ts';
import { childEnvironment, environmentPython } from '../python-environment.ts';
import { differences, type FoundFile } from './compare.ts';
import { READERS, type Reader } from './entries.ts';
import { fullWorld, hostileWorld, type World } from './publish-worlds.ts';

let worlds: readonly World[] = [];
before(async (context) => {
  const t = context as TestContext;
  worlds = [await fullWorld(t), await hostileWorld(t)];
});

for (const reader of READERS) {
  test(`${reader.name} reads what the API said`, async (t) => {
    const command = await commandOf(reader);
    const faults: string[] = [];
    for (const world of worlds) faults.push(...(await tryReader(t, { reader, world, command })));
    assert.equal(faults.length, 0, `${faults.length} differences:\n${faults.slice(0, 20).join('\n')}`);
  });
}

async function commandOf({ requirements, script, debian }: Reader): Promise<string> {
  if (debian) await ensureDebian(debian);
  if (requirements) return environmentPython(requirements);
  return script.endsWith('.ts') ? process.execPath : 'Rscript';
}

interface Trial {
  readonly reader: Reader;
  readonly world: World;
  readonly command: string;
}

async function tryReader(t: TestContext, { reader, world, command }: Trial): Promise<string[]> {
  const start = Date.now();
  const args = [...(reader.words ?? []), ...(world.withValues ? ['--values'] : [])];
  if (reader.workbooks && !world.withValues) args.push(`--workbooks=${reader.workbooks.join(',')}`);
  const read = await promisify(execFile)(
    command,
    [join(import.meta.dirname, reader.script), world.release, ...args],
    {
      env: childEnvironment(),
      maxBuffer: 1 << 28,
    },
  );
  const [head, ...files] = read.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const found = files as FoundFile[];
  const rows = found.reduce((sum, file) => sum + (file.rows ?? 0), 0);
  const columns = found.reduce((sum, file) => sum + Object.keys(file.columns ?? {}).length, 0);
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  const forms = [...new Set(found.map(({ form }) => form))].join(', ');
  t.diagnostic(
    `${reader.name} ${head.version}, ${world.name}: ${found.length} files (${forms}), ${rows} rows, ${columns} columns compared, ${seconds} s`,
  );
  const effectiveReader = world.withValues ? { ...reader, workbooks: undefined } : reader;
  return differences(world.truth, effectiveReader as Reader, found);
}
