import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { TABLES } from '../../lib/table/schema.ts';
import { admin2Row, reportedOn } from '../rows.ts';
import { exportInto, readFilesBelow, simulator, temporaryFolder } from '../setting.ts';
import { buildTables, contentHashes, type Rows } from './build-tables.ts';

const hashesOf = (admin2: Rows) => contentHashes(buildTables({ levels: { admin2 } }));

const row = fc.record({
  operation: fc.constantFrom('Flood response', 'é', '\u{1F3D5}'),
  admin2Pcode: fc.constantFrom('AT0101', 'AT0102', 'Not available'),
  numPresentIdpInd: fc.option(fc.nat(3)),
  roundNumber: fc.nat(2),
  day: fc.constantFrom('2024-01-31', '2024-02-29'),
  id: fc.nat(),
});
const rowsOf = (samples: readonly { day: string }[]) =>
  samples.map(({ day, ...more }) => admin2Row({ ...more, ...reportedOn(day) }));

test('content hashes do not depend on the order of rows or on their ids', () => {
  const shuffled = fc
    .array(row, { minLength: 1, maxLength: 20 })
    .chain((rows) =>
      fc.tuple(
        fc.constant(rows),
        fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length }),
        fc.nat(),
      ),
    );
  fc.assert(
    fc.property(shuffled, ([rows, reordered, shift]) => {
      const renumbered = reordered.map((sample) => ({ ...sample, id: (sample.id + shift) % 2 ** 31 }));
      assert.deepEqual(hashesOf(rowsOf(renumbered)), hashesOf(rowsOf(rows)));
    }),
  );
});

test('one changed figure changes the content hash of its table and of all tables', () => {
  const before = hashesOf([admin2Row()]);
  const after = hashesOf([admin2Row({ numPresentIdpInd: 101 })]);
  assert.notEqual(after.admin2, before.admin2);
  assert.notEqual(after.all, before.all);
  assert.equal(after.admin0, before.admin0);
});

test('content hashes can be computed from the CSV, and sha256sum accepts SHA256SUMS', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const { release } = await exportInto({ folder, url });
  const root = join(folder, 'releases', release as string);
  const { manifest } = await readCurrent(folderStore(folder));
  const lines: string[] = [];
  for (const table of TABLES) {
    const text = gunzipSync(await readFile(join(root, `csv/${table}.csv.gz`))).toString();
    const withoutId = table.startsWith('admin') ? text.replace(/,[^,\n]*\n/g, '\n') : text;
    const hash = createHash('sha256').update(withoutId).digest('hex');
    assert.equal(manifest?.content_sha256[table], hash, table);
    lines.push(`${hash}  ${table}\n`);
  }
  assert.equal(manifest?.content_sha256.all, createHash('sha256').update(lines.join('')).digest('hex'));
  const checked = execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: root, encoding: 'utf8' });
  const summed = checked.trimEnd().split('\n');
  assert.equal(summed.length, (manifest?.files.length ?? 0) - 1);
  assert.ok(summed.every((line) => line.endsWith(': OK')));
});

test('the manifest lists every file but itself and the claim, with rows and bytes', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const { release } = await exportInto({ folder, url });
  const root = join(folder, 'releases', release as string);
  const { manifest } = await readCurrent(folderStore(folder));
  const stored = [...(await readFilesBelow(root))].map(([path, body]) => [
    path.slice(root.length + 1),
    body.length,
  ]);
  const unlisted = ['claim.json', 'manifest.json'];
  const listed = manifest?.files.map(({ path, bytes }) => [path, bytes]).sort();
  assert.deepEqual(listed, stored.filter(([path]) => !unlisted.includes(String(path))).sort());
  const file = manifest?.files.find(({ path }) => path === 'parquet/admin2/country=TCD/admin2-TCD.parquet');
  assert.deepEqual([file?.table, file?.country, file?.format], ['admin2', 'TCD', 'parquet']);
  const perCountry = manifest?.files.filter(
    ({ table, country, format }) => table === 'admin2' && country && format === 'csv',
  );
  const whole = manifest?.tables.find(({ name }) => name === 'admin2');
  assert.equal(
    perCountry?.reduce((sum, { rows }) => sum + (rows ?? 0), 0),
    whole?.rows,
  );
});

test('the manifest lists whole Parquet tables, then those of countries, then CSV', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url });
  const files = (await readCurrent(folderStore(folder))).manifest?.files ?? [];
  const ranks = files
    .filter(({ table, format }) => table !== null && format !== 'xlsx')
    .map(({ format, country, table }) => {
      const group = format === 'csv' ? 2 : country === null ? 0 : 1;
      return [group, TABLES.indexOf(table as (typeof TABLES)[number]), country ?? 'whole'] as const;
    });
  const sorted = ranks.toSorted(
    ([groupA, tableA, countryA], [groupB, tableB, countryB]) =>
      groupA - groupB || tableA - tableB || (countryA < countryB ? -1 : 1),
  );
  assert.ok(ranks.length > 20);
  assert.deepEqual(ranks, sorted);
});
