// docs/readers.md shows the lines and versions that the readers' suite runs.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../setting.ts';
import { readersPage } from './readers.ts';

test('docs/readers.md is what npm run docs makes from the readers', async () => {
  assert.equal(await readFile(join(ROOT, 'docs/readers.md'), 'utf8'), await readersPage());
});
