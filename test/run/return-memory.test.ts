// A collection returns the memory of large answers to the system.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

const MODULE = new URL('../../lib/run/make/return-memory.ts', import.meta.url).href;

test('memory that large answers needed is returned', () => {
  const program = `
    const { returnMemory } = await import(${JSON.stringify(MODULE)});
    let rows = Array.from({ length: 1_000_000 }, (_, id) => ({ id, name: 'row ' + id }));
    const megabytes = () => Math.round(process.memoryUsage().heapTotal / 1e6);
    const full = megabytes();
    rows = [];
    returnMemory();
    console.log(JSON.stringify([full, megabytes(), rows.length]));
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  const [full, left] = JSON.parse(output) as [number, number];
  assert.ok(full > 80 && left < full / 2, `${full} MB before, ${left} MB after`);
});
