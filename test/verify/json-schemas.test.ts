// The JSON Schemas of published files: every file passes, and every unknown, missing or wrong key fails.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  findFileSchemaProblems,
  findSchemaProblems,
  type SchemaName,
} from '../../lib/verify/json-schemas.ts';
import { checkSchemas } from '../check-schemas.ts';
import { exportInto, ROOT, simulator, temporaryFolder } from '../setting.ts';

test('published files pass their schemas, and any added, missing or wrong key fails', async (t) => {
  const [world, folder] = [await simulator(t), await temporaryFolder(t)];
  await exportInto({ folder, url: world.url });
  world.setFaults(['changed@TCD']);
  const { release } = await exportInto({ folder, url: world.url, run: '2026-11-24T06-00-00Z' });
  // Three at the root; claim, manifest, quality and schema of two releases; the changes of the second.
  assert.equal(await checkSchemas(folder), 3 + 2 * 4 + 1);
  const file = async (path: string) => JSON.parse(await readFile(join(folder, path), 'utf8'));
  for (const [shape, path] of [
    ['latest', 'latest.json'],
    ['releases', 'releases.json'],
    ['status', 'status.json'],
    ['claim', `releases/${release}/claim.json`],
    ['manifest', `releases/${release}/manifest.json`],
    ['quality', `releases/${release}/quality.json`],
    ['changes', `releases/${release}/changes/changes.json`],
    ['schema', `releases/${release}/schema.json`],
  ] as [SchemaName, string][])
    assertStrict(shape, await file(path));
});

/** Keys that older files of the same schema version do not have. */
const OPTIONAL = /\.(withdrawn|gaps|asked_on)$|^status\.units$/;

/** Asserts that the value fails its schema after each single change: a key added, removed or of another type. */
function assertStrict(shape: SchemaName, value: unknown): void {
  let tried = 0;
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) {
      for (const [at, item] of node.slice(0, 2).entries()) visit(item, `${path}.${at}`);
      return;
    }
    const object = node as Record<string, unknown>;
    object.surprise = 1;
    assert.notDeepEqual(findSchemaProblems(shape, value), [], `${shape}${path}: added key`);
    delete object.surprise;
    for (const key of Object.keys(object)) {
      const original = object[key];
      // `rows` has one key for each table, and none is required.
      if (!path.endsWith('.rows') && !OPTIONAL.test(`${shape}${path}.${key}`)) {
        delete object[key];
        assert.notDeepEqual(findSchemaProblems(shape, value), [], `${shape}${path}.${key}: removed key`);
        tried++;
      }
      object[key] = { wrong: true };
      assert.notDeepEqual(findSchemaProblems(shape, value), [], `${shape}${path}.${key}: another type`);
      object[key] = original;
      visit(original, `${path}.${key}`);
    }
  };
  visit(value, '');
  assert.deepEqual(findSchemaProblems(shape, value), []);
  assert.ok(tried > 3, shape);
}

test('a schema problem names its path and what was expected', () => {
  const pointer = {
    release: '2026-11-24',
    manifest: null,
    manifest_sha256: null,
    published_at: '2026-11-24T05:00:00Z',
    schema_version: '1.0.0',
    rows: { admin0: -1 },
    surprise: true,
  };
  const problems = findSchemaProblems('latest', pointer).join('\n');
  assert.match(problems, /^release: must match pattern/m);
  assert.match(problems, /^published_at: must match pattern/m);
  assert.match(problems, /^rows\.admin0: must be >= 0$/m);
  assert.match(problems, /^the whole: must NOT have additional properties \("surprise"\)$/m);
  assert.match(findFileSchemaProblems('latest', Buffer.from('{"release":')).join(), /^not JSON: /);
  assert.deepEqual(findSchemaProblems('refresh', { reason: 'x', levels: [3] }), [
    'levels.0: must be equal to one of the allowed values (0, 1, 2)',
  ]);
  const many = Array.from({ length: 20 }, () => ({}));
  assert.match(findSchemaProblems('releases', { releases: many }).at(-1) ?? '', /^and \d+ more$/);
});

test('allowUnknownKeys accepts an added key, but not a missing one', () => {
  const status = { last_check: null, last_change: null, last_failure: null };
  assert.deepEqual(
    findSchemaProblems('status', { ...status, next_check: 'soon' }, { allowUnknownKeys: true }),
    [],
  );
  assert.notDeepEqual(findSchemaProblems('status', { ...status, next_check: 'soon' }), []);
  assert.notDeepEqual(findSchemaProblems('status', { last_check: null }, { allowUnknownKeys: true }), []);
});

test('every schema is draft 2020-12 and has its file name as $id, a title and a description', async () => {
  const folder = join(ROOT, 'docs/schemas');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  assert.equal(names.length, 14);
  for (const name of names) {
    const schema = JSON.parse(await readFile(join(folder, name), 'utf8'));
    assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema', name);
    assert.equal(schema.$id, name);
    assert.ok(schema.title && schema.description, name);
  }
});
