// Checks what catalogues and reference managers read: CITATION.cff with its format's schema, the page's JSON-LD with rdflib.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { citationCff } from '../../lib/make/metadata/citation.ts';
import { versionOf } from '../../lib/make/metadata/describe.ts';
import { madeRelease } from '../make/metadata/publish-sample-world.ts';
import { describedAs } from '../make/metadata/sample-metadata-input.ts';
import { pythonJson } from './python-environment.ts';

interface Report {
  readonly cff: readonly string[];
  readonly others: readonly (readonly string[])[];
  /** Problems of the same file with a type that the format does not know. */
  readonly spoilt: readonly string[];
  readonly linked: {
    readonly name: string;
    readonly version: string;
    readonly files: readonly (readonly [contentUrl: string, contentSize: string, sha256: string])[];
    readonly places: number;
  };
}

const OTHERS = [
  describedAs({ publicUrl: 'https://example.org/dtm', contact: 'data@example.org' }),
  describedAs({ licence: 'https://creativecommons.org/licenses/by/4.0/', contact: 'https://example.org/us' }),
  describedAs({ contact: 'data@example.o' }),
  describedAs({ licence: '"\n- x: [&a *a]\u0085\u2028😀', contact: "'%YAML: #", credit: 'Source: \t{}|>' }),
];

test('CITATION.cff is valid, and the JSON-LD lists the whole files of the manifest', async (t) => {
  const { prefix, manifest } = await madeRelease(t, { name: 'v3', version: 'v3' });
  const paths = OTHERS.map((_, at) => join(prefix, `${at}.cff`));
  await Promise.all(OTHERS.map((described, at) => writeFile(paths[at] as string, citationCff(described))));
  const args = [prefix, manifest.release, ...paths];
  const { cff, others, spoilt, linked } = await pythonJson<Report>('catalogue.py', args);
  assert.deepEqual(
    [cff, ...others],
    [cff, ...OTHERS].map(() => []),
  );
  assert.equal(spoilt.length, 1);
  assert.match(linked.name, /\(invented figures\)$/);
  assert.equal(linked.version, versionOf(manifest));
  const whole = manifest.files.filter(
    ({ table, country, path }) => table !== null && country === null && !path.startsWith('changes/'),
  );
  assert.ok(whole.length >= 2 * manifest.tables.length);
  assert.deepEqual(
    linked.files,
    whole
      .map(({ path, bytes, sha256 }) => [`releases/${manifest.release}/${path}`, `${bytes} B`, sha256])
      .sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  );
  assert.ok(linked.places > 0);
});
