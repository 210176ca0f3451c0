// The constant that says how answers become rows is that of the sources.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { GENERATOR } from '../../../lib/run/context.ts';
import { READING } from '../../../lib/run/units/reading.ts';
import { ROOT } from '../../setting.ts';

/** From the bytes of an answer to the rows of a table. Later steps are held by FORMAT_VERSION. */
const SOURCES = [
  ...['lib/dtm/answers/*.ts', 'lib/table/*.ts', 'lib/run/fetch.ts'],
  ...['lib/format/{arrow,read-arrow,bitmap}.ts', 'lib/make/{country-tables,list-tables}.ts'],
];

test('READING is the hash of the sources that turn answers into rows', async () => {
  const paths: string[] = [];
  for await (const path of glob(SOURCES, { cwd: ROOT })) paths.push(path);
  paths.sort();
  assert.ok(paths.length > 15, paths.join(' '));
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path).update(await readFile(join(ROOT, path)));
  const expected = hash.digest('hex').slice(0, 12);
  assert.equal(
    READING,
    expected,
    `a file that reads answers has changed, so every dataset must read its answers again; renew the constant: sed -i "s/READING = .*/READING = '${expected}';/" lib/run/units/reading.ts`,
  );
  assert.equal(GENERATOR.reading, READING);
});
