// What the benchmark says of what it has measured, and what it refuses.
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { temporaryFolder } from '../setting.ts';
import { difference, refuseOtherFiles, UnequalOutputsError } from './compare-rows.ts';
import type { Release } from './exports.ts';
import { OtherInputsError, refuseOthers } from './inputs.ts';
import { billedSeconds, functionMemory, gigabyteSeconds } from './lambda.ts';
import { HELP, readOptions } from './options.ts';
import { markdown, table, withResult } from './render.ts';
import { judge } from './rows/line.ts';
import { linesOf, needsOf, ROW_NAMES } from './rows/rows.ts';
import { fresh, freshNode, remembering } from './run-process.ts';
import { longestFirst, lowerBound } from './schedule.ts';
import { exponent, median, spread } from './statistics.ts';

const cost = (wall: number, cpu: number, rss: number) => ({ wall, cpu, rss });

test('medians are the middle, or the mean of the middle two, whatever the order', () => {
  assert.equal(median([5, 1, 9]), 5);
  assert.equal(median([10, 1, 9, 2]), 5.5);
  assert.deepEqual(spread([3, 1, 2]), { median: 2, min: 1, max: 3, values: [3, 1, 2] });
});

test('the exponent is the power by which time grows', () => {
  const points = [1, 5, 25].map((rows) => [rows, 3 * rows ** 1.5] as const);
  assert.ok(Math.abs(exponent(points) - 1.5) < 1e-9);
});

test('a verdict says whether a target is met, and by how much it is not', () => {
  assert.equal(judge({ value: 2.7, target: 3.5, further: 2.7 }), 'met, the further one too');
  assert.equal(judge({ value: 3.5, target: 3.5, further: 2.7 }), 'met');
  assert.equal(judge({ value: 4.2, target: 3.5, further: 2.7 }), 'NOT met, by 20.0 %');
  assert.equal(judge({ value: 3.2, target: 3, further: 3.5, atLeast: true }), 'met');
  assert.equal(judge({ value: 1.5, target: 3, atLeast: true }), 'NOT met, by 50.0 %');
});

test('no schedule is shorter than the bound, and longest first is one that can be had', () => {
  assert.equal(lowerBound([9, 1, 1, 1], 4), 9);
  assert.equal(lowerBound([3, 3, 3, 3, 3, 3], 4), 4.5);
  assert.equal(longestFirst([1, 2, 3, 4], 2), 5);
  assert.equal(longestFirst([3, 3, 3, 3, 3, 3], 4), 6);
});

test('rows are multiples of the floor, judged by their targets', () => {
  const takes = {
    floor: [cost(1, 2, 100), cost(1, 2, 100), cost(9, 9, 900)],
    core: [cost(4, 6, 250), cost(4, 6, 250), cost(4, 6, 250)],
    unchanged: [cost(3, 5, 200)],
  };
  const lines = linesOf(['export', 'memory', 'unchanged'], { takes, touched: ['status.json', 'index.html'] });
  assert.deepEqual(
    lines.map(({ measured, verdict }) => `${measured}: ${verdict}`),
    [
      '6.00 s = 3.00 x floor: met',
      '250 MB: met',
      '5.00 s = 2.50 x floor: NOT met, by 25.0 %',
      'index.html: NOT met, by 1 files',
    ],
  );
});

test('larger worlds are met by an exponent, and by bytes a row that fall', () => {
  const growth = [
    { ...cost(5, 5, 500), rows: 1_000_000 },
    { ...cost(25, 25, 3_000), rows: 5_000_000 },
  ];
  const lines = linesOf(['growth'], { takes: { core: [cost(1, 1, 200)] }, rows: 200_000, growth });
  assert.equal(lines[0]?.measured, '1.00 s, 5.00 s, 25.00 s: exponent 1.00 (wall 1.00)');
  assert.deepEqual([lines[0]?.verdict, lines[1]?.measured], ['met', '1,000, 500, 600']);
  assert.equal(lines[1]?.verdict, 'NOT met, by 20.0 %');
});

test('a row without what it needs says why', () => {
  const [line, ...more] = linesOf(['python'], { takes: {} }, { script: 'python3 is not on the PATH' });
  assert.equal(line?.verdict, 'not measured: python3 is not on the PATH');
  assert.equal(more.length, 0);
  assert.deepEqual([...needsOf(['csv', 'parquet'])], ['core', 'csv', 'footprints']);
});

test('a process that was given another answer, or other rows, is compared with nothing', () => {
  const expected = { answers: new Map([['admin0/HTI', 'aa']]), rows: 3 };
  assert.doesNotThrow(() => refuseOthers('core', expected, expected));
  const refused = (seen: Partial<typeof expected>, says: RegExp) =>
    assert.throws(
      () => refuseOthers('core', { ...expected, ...seen }, expected),
      (error) => error instanceof OtherInputsError && says.test(error.message),
    );
  refused({ answers: new Map([['admin0/HTI', 'bb']]) }, /admin0\/HTI had SHA-256 bb, expected aa/);
  refused({ answers: new Map() }, /admin0\/HTI had SHA-256 none, expected aa/);
  refused({ answers: new Map([...expected.answers, ['admin0/TCD', 'cc']]) }, /admin0\/TCD .* expected none/);
  refused({ rows: 4 }, /it had 4 rows, expected 3/);
});

test('outputs are equal if neither has a row more, be it the same row once more', async () => {
  const values = (...rows: number[]) => `SELECT * FROM (VALUES ${rows.map((row) => `(${row})`).join(', ')})`;
  const compare = (one: string, other: string) => difference({ name: 'These', one, other });
  assert.equal(await compare(values(1, 2, 2), values(2, 1, 2)), '');
  assert.equal(
    await compare(values(1, 2, 2), values(1, 2)),
    'These are not equal: of 3 rows 1 are only in the first, 0 only in the second',
  );
  assert.match(await compare(`${values(1)} LIMIT 0`, `${values(1)} LIMIT 0`), /of 0 rows/);
});

test('two releases differ if a file of the format is not the same bytes', () => {
  const release = (folder: string, sha256: string) =>
    ({
      folder,
      manifest: { files: [{ path: 'a.parquet', format: 'parquet', sha256 }] },
    }) as unknown as Release;
  const [one, other] = [release('one', 'aa'), release('other', 'bb')];
  assert.doesNotThrow(() => refuseOtherFiles('parquet', one, { ...one, folder: 'third' }));
  assert.doesNotThrow(() => refuseOtherFiles('csv', one, other));
  assert.throws(() => refuseOtherFiles('parquet', one, other), UnequalOutputsError);
});

test('options are read, and a wrong one is named with what is allowed', () => {
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

test('the table has a column for each thing, and goes between the marks of a page', () => {
  const line = { what: 'peak RSS', measured: '250 MB', target: '300 MB', further: '220 MB', verdict: 'met' };
  assert.match(
    table([line]),
    /^what {6}measured {2}target .*\npeak RSS {2}250 MB {4}300 MB {2}220 MB {8}met$/,
  );
  assert.ok(markdown([line]).endsWith('\n| peak RSS | 250 MB | 300 MB | 220 MB | met |'));
  const page = 'before\n<!-- npm run bench -- --docs -->\nold\n<!-- end -->\nafter\n';
  const anew = withResult(page, 'new');
  assert.equal(anew, 'before\n<!-- npm run bench -- --docs -->\n\nnew\n\n<!-- end -->\nafter\n');
  assert.equal(withResult(anew, 'new'), anew);
  assert.throws(() => withResult('no marks', 'new'), /lacks/);
});

test('Lambda is paid by the time that passes, or that its share of a CPU takes', async () => {
  assert.equal(billedSeconds(cost(3, 2, 0), 1769), 3);
  assert.equal(billedSeconds(cost(3, 8, 0), 3538), 4);
  assert.equal(gigabyteSeconds(2, 2048), 120);
  const { publish, fetch } = await functionMemory();
  assert.ok(publish >= 128 && fetch >= 128, `${publish} ${fetch}`);
});

test('a fresh process tells its cost; one that fails is told with what it said', async () => {
  const { cost, said } = await freshNode({
    name: 'this',
    words: ['--eval', 'console.log(process.env.HOME)'],
  });
  assert.equal(said, 'undefined\n');
  assert.ok(cost.cpu > 0 && cost.rss > 10 && cost.wall > 0);
  await assert.rejects(
    fresh({ name: 'that', words: ['--eval', 'throw new RangeError("no such luck")'] }),
    /^Error: that ended with 1: RangeError: no such luck$/,
  );
});

test('gzip that is left out is remembered, and raw answers are told from CSV', async (t) => {
  const memory = await temporaryFolder(t);
  const program = `
    const { gzip } = require('node:zlib');
    gzip(Buffer.from('{}'), { level: 9 }, () =>
      gzip(Buffer.from('a,b'), { level: 9 }, (_, bytes) => console.log(bytes.toString('base64'))))`;
  const zipped = async () =>
    (await freshNode({ name: 'gzip', words: ['--eval', program] }, [remembering(memory, ['csv'])])).said;
  assert.equal(gunzipSync(Buffer.from(await zipped(), 'base64')).toString(), 'a,b');
  const [name = '', ...more] = await readdir(memory);
  assert.deepEqual(more, []);
  await writeFile(join(memory, name), 'remembered');
  assert.equal(Buffer.from(await zipped(), 'base64').toString(), 'remembered');
});
