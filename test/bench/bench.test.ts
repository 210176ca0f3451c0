// Tests the parts of the benchmark: statistics, verdicts, input checks, options, rendering and processes.
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { temporaryFolder } from '../setting.ts';
import { checkSameFiles, difference, UnequalOutputsError } from './compare-rows.ts';
import type { Release } from './exports.ts';
import { checkSameInputs, DifferentInputsError } from './inputs.ts';
import { billedSeconds, functionMemory, gigabyteSeconds } from './lambda.ts';
import { HELP, readOptions } from './options.ts';
import { markdown, table, withResult } from './render.ts';
import { judge } from './rows/line.ts';
import { linesOf, needsOf, ROW_NAMES } from './rows/rows.ts';
import { gzipCacheModule, runNode, runProcess } from './run-process.ts';
import { longestFirst, lowerBound } from './schedule.ts';
import { exponent, median, spread } from './statistics.ts';

const cost = (wall: number, cpu: number, rss: number) => ({ wall, cpu, rss });

test('median: the middle value, or the mean of the middle two, in any order', () => {
  assert.equal(median([5, 1, 9]), 5);
  assert.equal(median([10, 1, 9, 2]), 5.5);
  assert.deepEqual(spread([3, 1, 2]), { median: 2, min: 1, max: 3, values: [3, 1, 2] });
});

test('exponent: the power with which time grows', () => {
  const points = [1, 5, 25].map((rows) => [rows, 3 * rows ** 1.5] as const);
  assert.ok(Math.abs(exponent(points) - 1.5) < 1e-9);
});

test('judge: a verdict says whether a target is met, or by how much it is missed', () => {
  assert.equal(judge({ value: 2.7, target: 3.5, further: 2.7 }), 'met, the further one too');
  assert.equal(judge({ value: 3.5, target: 3.5, further: 2.7 }), 'met');
  assert.equal(judge({ value: 4.2, target: 3.5, further: 2.7 }), 'NOT met, by 20.0 %');
  assert.equal(judge({ value: 3.2, target: 3, further: 3.5, atLeast: true }), 'met');
  assert.equal(judge({ value: 1.5, target: 3, atLeast: true }), 'NOT met, by 50.0 %');
});

test('lowerBound and longestFirst give the best possible and a real schedule', () => {
  assert.equal(lowerBound([9, 1, 1, 1], 4), 9);
  assert.equal(lowerBound([3, 3, 3, 3, 3, 3], 4), 4.5);
  assert.equal(longestFirst([1, 2, 3, 4], 2), 5);
  assert.equal(longestFirst([3, 3, 3, 3, 3, 3], 4), 6);
});

test('report lines are multiples of the floor with a verdict on the target', () => {
  const takes = {
    floor: [cost(1, 2, 100), cost(1, 2, 100), cost(9, 9, 900)],
    core: [cost(4, 6, 250), cost(4, 6, 250), cost(4, 6, 250)],
    unchanged: [cost(3, 5, 200)],
  };
  const lines = linesOf(['export', 'memory', 'unchanged'], { takes, touched: ['status.json', 'index.html'] });
  assert.deepEqual(
    lines.map(({ measured, verdict }) => `${measured}: ${verdict}`),
    [
      '6.00 s = 3.00 x floor: met, the further one too',
      '250 MB: met',
      '5.00 s = 2.50 x floor: NOT met, by 25.0 %',
      'index.html: NOT met, by 1 files',
    ],
  );
});

test('growth: the exponent and the falling bytes per row are judged', () => {
  const growth = [
    { ...cost(5, 5, 500), rows: 1_000_000 },
    { ...cost(25, 25, 3_000), rows: 5_000_000 },
  ];
  const lines = linesOf(['growth'], { takes: { core: [cost(1, 1, 200)] }, rows: 200_000, growth });
  assert.equal(lines[0]?.measured, '1.00 s, 5.00 s, 25.00 s: exponent 1.00 (wall 1.00)');
  assert.deepEqual([lines[0]?.verdict, lines[1]?.measured], ['met', '1,000, 500, 600']);
  assert.equal(lines[1]?.verdict, 'NOT met, by 20.0 %');
});

test('a row whose measurement is missing says why', () => {
  const [line, ...more] = linesOf(['python'], { takes: {} }, { script: 'python3 is not on the PATH' });
  assert.equal(line?.verdict, 'not measured: python3 is not on the PATH');
  assert.equal(more.length, 0);
  assert.deepEqual([...needsOf(['csv', 'parquet'])], ['core', 'csv', 'footprints']);
});

test('checkSameInputs: another answer or number of rows is a DifferentInputsError', () => {
  const expected = { answers: new Map([['admin0/HTI', 'aa']]), rows: 3 };
  assert.doesNotThrow(() => checkSameInputs('core', expected, expected));
  const refused = (actual: Partial<typeof expected>, message: RegExp) =>
    assert.throws(
      () => checkSameInputs('core', { ...expected, ...actual }, expected),
      (error) => error instanceof DifferentInputsError && message.test(error.message),
    );
  refused({ answers: new Map([['admin0/HTI', 'bb']]) }, /admin0\/HTI had SHA-256 bb, expected aa/);
  refused({ answers: new Map() }, /admin0\/HTI had SHA-256 none, expected aa/);
  refused({ answers: new Map([...expected.answers, ['admin0/TCD', 'cc']]) }, /admin0\/TCD .* expected none/);
  refused({ rows: 4 }, /it had 4 rows, expected 3/);
});

test('difference: outputs are equal only if every row is there equally often in both', async () => {
  const values = (...rows: number[]) => `SELECT * FROM (VALUES ${rows.map((row) => `(${row})`).join(', ')})`;
  const compare = (one: string, other: string) => difference({ name: 'These', one, other });
  assert.equal(await compare(values(1, 2, 2), values(2, 1, 2)), '');
  assert.equal(
    await compare(values(1, 2, 2), values(1, 2)),
    'These are not equal: of 3 rows 1 are only in the first, 0 only in the second',
  );
  assert.match(await compare(`${values(1)} LIMIT 0`, `${values(1)} LIMIT 0`), /of 0 rows/);
});

test('checkSameFiles: a file with other bytes is an UnequalOutputsError', () => {
  const release = (folder: string, sha256: string) =>
    ({
      folder,
      manifest: { files: [{ path: 'a.parquet', format: 'parquet', sha256 }] },
    }) as unknown as Release;
  const [one, other] = [release('one', 'aa'), release('other', 'bb')];
  assert.doesNotThrow(() => checkSameFiles('parquet', one, { ...one, folder: 'third' }));
  assert.doesNotThrow(() => checkSameFiles('csv', one, other));
  assert.throws(() => checkSameFiles('parquet', one, other), UnequalOutputsError);
});

test('readOptions: a wrong option is an error with the allowed values', () => {
  assert.deepEqual(readOptions([])?.rows, ROW_NAMES);
  const quick = readOptions(['--quick']);
  assert.equal(quick?.runs, 1);
  assert.deepEqual(
    ROW_NAMES.filter((name) => !quick?.rows.includes(name)),
    ['growth', 'latency'],
  );
  assert.deepEqual(readOptions(['--rows', 'cold,export', '--runs', '3'])?.rows, ['export', 'cold']);
  assert.equal(readOptions(['--help']), null);
  for (const name of ROW_NAMES) assert.ok(HELP.includes(name), name);
  assert.throws(() => readOptions(['--runs', '0']), /--runs 0: expected 1 or more/);
  assert.throws(() => readOptions(['--rows', 'nothing']), /--rows nothing: allowed are export, wall/);
  assert.throws(() => readOptions(['--scale', '-1']), /--scale/);
  assert.equal(readOptions(['--docs'])?.docs, true);
  assert.throws(() => readOptions(['--docs', '--quick']), /--docs puts all rows/);
  assert.throws(() => readOptions(['--fast']), /--fast/);
});

test('the table is aligned, and replaces the text between the marks of a page', () => {
  const line = { what: 'peak RSS', measured: '250 MB', target: '300 MB', further: '220 MB', verdict: 'met' };
  assert.match(
    table([line]),
    /^what {6}measured {2}target .*\npeak RSS {2}250 MB {4}300 MB {2}220 MB {8}met$/,
  );
  assert.ok(markdown([line]).endsWith('\n| peak RSS | 250 MB | 300 MB | 220 MB | met |'));
  const page = 'before\n<!-- npm run bench -- --docs -->\nold\n<!-- end -->\nafter\n';
  const updated = withResult(page, 'new');
  assert.equal(updated, 'before\n<!-- npm run bench -- --docs -->\n\nnew\n\n<!-- end -->\nafter\n');
  assert.equal(withResult(updated, 'new'), updated);
  assert.throws(() => withResult('no marks', 'new'), /lacks/);
});

test('billedSeconds: the wall time, or the CPU time at the share of a CPU', async () => {
  assert.equal(billedSeconds(cost(3, 2, 0), 1769), 3);
  assert.equal(billedSeconds(cost(3, 8, 0), 3538), 4);
  assert.equal(gigabyteSeconds(2, 2048), 120);
  const { publish, fetch } = await functionMemory();
  assert.ok(publish >= 128 && fetch >= 128, `${publish} ${fetch}`);
});

test('runProcess returns the cost; a failed process is an error with its last line', async () => {
  const { cost, stdout } = await runNode({
    name: 'this',
    args: ['--eval', 'console.log(process.env.HOME)'],
  });
  assert.equal(stdout, 'undefined\n');
  assert.ok(cost.cpu > 0 && cost.rss > 10 && cost.wall > 0);
  await assert.rejects(
    runProcess({ name: 'that', args: ['--eval', 'throw new RangeError("no such luck")'] }),
    /^Error: that ended with 1: RangeError: no such luck$/,
  );
});

test('cache-gzip.mjs caches gzip of CSV only, if it was asked for CSV only', async (t) => {
  const gzipCache = await temporaryFolder(t);
  const program = `
    const { deflateRaw, gzip } = require('node:zlib');
    gzip(Buffer.from('{}'), { level: 9 }, () =>
      deflateRaw(Buffer.from('a,b'), { level: 9 }, (_, bytes) => console.log(bytes.toString('base64'))))`;
  const zipped = async () =>
    (await runNode({ name: 'gzip', args: ['--eval', program] }, [gzipCacheModule(gzipCache, ['csv'])]))
      .stdout;
  assert.equal(inflateRawSync(Buffer.from(await zipped(), 'base64')).toString(), 'a,b');
  const [name = '', ...more] = await readdir(gzipCache);
  assert.deepEqual(more, []);
  await writeFile(join(gzipCache, name), 'remembered');
  assert.equal(Buffer.from(await zipped(), 'base64').toString(), 'remembered');
});
