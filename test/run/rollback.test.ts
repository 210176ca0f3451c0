// An older program over a dataset whose current release a newer one made: what a rollback of the stack meets. The newer
// files are those of this program with higher versions and with keys that it does not know.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { FORMAT_VERSION } from '../../lib/format/version.ts';
import { jsonBytes, sha256 } from '../../lib/release/digest.ts';
import type { Manifest } from '../../lib/release/manifest.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { SCHEMA_VERSION } from '../../lib/table/schema.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { assertSame } from '../assert-same.ts';
import { exportInto, readFilesBelow, simulator, skipSchemaCheck, temporaryFolder } from '../setting.ts';

const [SECOND, THIRD] = ['2026-11-24T06-00-00Z', '2026-11-24T07-00-00Z'] as const;

type Json = Record<string, unknown>;

const readJson = async (path: string): Promise<Json> => JSON.parse(await readFile(path, 'utf8'));

const currentIn = async (folder: string): Promise<Manifest> =>
  (await readCurrent(folderStore(folder))).manifest as Manifest;

/** Changes the current release and the files that name it into those of a newer program with this schema. */
async function upgrade(folder: string, schema_version: string): Promise<void> {
  const { release } = await currentIn(folder);
  const change = async (path: string, changes: Json): Promise<Uint8Array> => {
    const bytes = jsonBytes({ ...(await readJson(path)), ...changes, unknown_key: { of: 'later' } });
    await writeFile(path, bytes);
    return bytes;
  };
  const manifest = await change(join(folder, 'releases', release, 'manifest.json'), {
    ...{
      schema_version,
      schema_sha256: sha256(Buffer.from(schema_version)),
      format_version: FORMAT_VERSION + 1,
    },
    generator: { name: 'dtm-exporter', version: '9.0.0' },
  });
  const manifest_sha256 = sha256(manifest);
  await change(join(folder, 'latest.json'), { schema_version, manifest_sha256 });
  const { releases } = (await readJson(join(folder, 'releases.json'))) as { releases: Json[] };
  const entries = releases.map((entry) =>
    entry.release === release ? { ...entry, schema_version, manifest_sha256, later: 1 } : entry,
  );
  await change(join(folder, 'releases.json'), { releases: entries });
  await change(join(folder, 'status.json'), {});
}

const nextOf = (version: string, at: 0 | 1): string =>
  version
    .split('.')
    .map((part, index) => (index === at ? Number(part) + 1 : index > at ? 0 : part))
    .join('.');

test('after a rollback over a newer minor schema, one release has the older schema, then nothing changes', async (t) => {
  const { url } = await simulator(t);
  const folder = skipSchemaCheck(await temporaryFolder(t));
  await exportInto({ folder, url });
  await upgrade(folder, nextOf(SCHEMA_VERSION, 1));
  const newer = await currentIn(folder);
  assert.notEqual(newer.schema_version, SCHEMA_VERSION);
  const before = await readFilesBelow(join(folder, 'releases', newer.release));

  assert.equal((await exportInto({ folder, url, run: SECOND })).outcome, 'published');
  const older = await currentIn(folder);
  assert.deepEqual([older.schema_version, older.format_version], [SCHEMA_VERSION, FORMAT_VERSION]);
  assert.equal(older.supersedes, newer.release);
  assert.deepEqual(older.content_sha256, newer.content_sha256);
  assertSame(await readFilesBelow(join(folder, 'releases', newer.release)), before);
  // The list keeps what the newer program wrote about its release, and `verify` of the older one names the key.
  assert.deepEqual((await verifyRelease(folderStore(folder))).problems, [
    'releases.json: releases.1: must NOT have additional properties ("later")',
  ]);

  assert.equal((await exportInto({ folder, url, run: THIRD })).outcome, 'unchanged');
});

test('after a rollback over a newer minor schema, a country without an answer keeps its rows', async (t) => {
  const simulated = await simulator(t);
  const folder = skipSchemaCheck(await temporaryFolder(t));
  await exportInto({ folder, url: simulated.url });
  await upgrade(folder, nextOf(SCHEMA_VERSION, 1));
  simulated.setFaults(['500@admin1/TCD']);
  const options = { maxFailed: 50 };
  assert.equal((await exportInto({ folder, url: simulated.url, run: SECOND, options })).outcome, 'published');
  const { coverage } = await currentIn(folder);
  const unit = coverage.units.find(({ level, country }) => level === 1 && country === 'TCD');
  assert.equal(unit?.status, 'carried');
});
