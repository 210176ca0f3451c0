// An answer with the same bytes as in the current release is not parsed again, and the result is the same.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { DTMApi } from '../../lib/dtm/client.ts';
import { sha256 } from '../../lib/release/digest.ts';
import type { Manifest, ManifestUnit } from '../../lib/release/manifest.ts';
import type { ApiContext } from '../../lib/run/context.ts';
import { type Plan, readPlan, reusableRun } from '../../lib/run/plan.ts';
import { composeUnits } from '../../lib/run/units/compose-units.ts';
import { findUnchangedCountries } from '../../lib/run/units/unchanged-countries.ts';
import type { UnitReport } from '../../lib/run/units/unit.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { assertSame } from '../assert-same.ts';
import { exportInto, readFilesBelow, simulator, skipSchemaCheck, temporaryFolder } from '../setting.ts';

const [FIRST, SECOND] = ['2026-11-24T05-00-00Z', '2026-11-24T06-00-00Z'] as const;

const json = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));

const reportsOf = async (folder: string, run: string): Promise<UnitReport[]> =>
  ((await json(join(folder, 'runs', run, 'report.json'))) as { units: UnitReport[] }).units;

const manifestIn = async (folder: string): Promise<Manifest> =>
  (await readCurrent(folderStore(folder))).manifest as Manifest;

test('answers with the same bytes are not parsed: no release, and complete reports and files', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url });
  const before = await readFilesBelow(join(folder, 'releases'));
  const outcome = await exportInto({ folder, url, run: SECOND });
  assert.equal(outcome.outcome, 'unchanged');
  assertSame(await readFilesBelow(join(folder, 'releases')), before);
  const [first, second] = [await reportsOf(folder, FIRST), await reportsOf(folder, SECOND)];
  const contentOf = ({ status, rows, raw_sha256, staged_sha256, absent_fields }: UnitReport) => {
    return { status, rows, raw_sha256, staged_sha256, absent_fields };
  };
  assert.deepEqual(second.map(contentOf), first.map(contentOf));
  assert.ok(second.some(({ rows }) => rows > 0));
  for (const { rows, same_as, level, country, raw_sha256, staged_sha256 } of second) {
    assert.equal(same_as, rows > 0 ? FIRST : null, `admin${level}/${country}`);
    const file = (kind: string, end: string) =>
      readFile(join(folder, 'runs', SECOND, kind, `admin${level}`, `${country}.${end}`));
    assert.equal(sha256(gunzipSync(await file('raw', 'json.gz'))), raw_sha256);
    if (rows > 0) assert.equal(sha256(await file('staged', 'arrow')), staged_sha256);
  }
});

test('a raw answer keeps the gzip bytes of the server, and a plain one is compressed', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  using client = new DTMApi({ subscriptionKey: 'sample-key', baseUrl: url });
  const packedBody = (body: Uint8Array, country: string | undefined) =>
    country === 'AFG' ? gzipSync(body, { level: 9 }) : null;
  const api: ApiContext['api'] = {
    async ask(endpoint, query, options) {
      const answer = await client.ask(endpoint, query, options);
      const { admin0Pcode } = query as { admin0Pcode?: string };
      return { ...answer, packed: packedBody(answer.body, admin0Pcode) };
    },
  };
  await exportInto({ folder, url, levels: [2], context: { api } });
  const raw = async (country: string) =>
    readFile(join(folder, 'runs', FIRST, 'raw/admin2', `${country}.json.gz`));
  for (const country of ['AFG', 'SDN']) {
    const body = gunzipSync(await raw(country));
    assertSame(await raw(country), gzipSync(body, { level: country === 'AFG' ? 9 : 1 }), country);
  }
});

test('one changed answer among unchanged ones gives the same release as parsing all answers', async (t) => {
  const world = await simulator(t);
  const [folder, fresh] = [await temporaryFolder(t), await temporaryFolder(t)];
  await exportInto({ folder, url: world.url });
  world.setFaults(['changed=7@SDN']);
  assert.equal((await exportInto({ folder, url: world.url, run: SECOND })).outcome, 'published');
  await exportInto({ folder: fresh, url: world.url, run: SECOND });
  const reports = await reportsOf(folder, SECOND);
  const unchanged = new Set(reports.filter(({ same_as }) => same_as).map(({ country }) => country));
  assert.deepEqual([...unchanged].sort(), ['AFG', 'TCD']);
  assert.deepEqual((await manifestIn(folder)).content_sha256, (await manifestIn(fresh)).content_sha256);
  assert.deepEqual((await verifyRelease(folderStore(folder))).problems, []);
});

const generator = { name: 'dtm-exporter', version: '0.0.1', reading: 'as-before' };

test('a program that reads answers in another way parses every answer again; another version alone does not', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const parsed = async (run: string, reading: string | null, version = '0.0.1') => {
    await exportInto({ folder, url, run, context: { generator: { ...generator, version, reading } } });
    return (await reportsOf(folder, run)).filter(({ rows, same_as }) => rows > 0 && same_as === null).length;
  };
  const all = await parsed(FIRST, 'as-before');
  assert.ok(all > 5);
  assert.equal(await parsed(SECOND, 'as-before', '0.0.2'), 0);
  assert.equal(await parsed('2026-11-24T07-00-00Z', 'corrected'), all);
  assert.equal(await parsed('2026-11-24T08-00-00Z', null), all);
  const current = await manifestIn(folder);
  assert.equal(current.generator.reading, 'as-before');
  assert.equal(reusableRun({ generator }, current), current.run);
  assert.equal(reusableRun({ generator }, { ...current, schema_version: '1.0.1' }), null);
  assert.equal(reusableRun({ generator }, { ...current, format_version: 1 }), null);
  assert.equal(reusableRun({ generator }, null), null);
  const several = { ...generator, reading: null };
  assert.equal(reusableRun({ generator: several }, { ...current, generator: several }), null);
});

test('a run that two programs worked on reads its answers again, and does not say how they were read', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url, context: { generator } });
  const stop = new AbortController();
  const stopped = { generator, signal: stop.signal, onProgress: () => stop.abort(new Error('stopped')) };
  await assert.rejects(exportInto({ folder, url, run: SECOND, context: stopped }), { message: 'stopped' });
  const context = { generator: { ...generator, reading: 'corrected' } };
  await exportInto({ folder, url, run: SECOND, context, options: { reissue: true } });
  assert.ok((await reportsOf(folder, SECOND)).every(({ same_as }) => same_as === null));
  const { run, generator: named } = await manifestIn(folder);
  assert.deepEqual([run, named.reading], [SECOND, null]);
});

test('a unit whose staged file or report is damaged in the earlier run is parsed again', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  skipSchemaCheck(folder);
  await exportInto({ folder, url });
  const earlier = join(folder, 'runs', FIRST);
  await writeFile(join(earlier, 'staged/admin1/AFG.arrow'), 'half a fi');
  await writeFile(join(earlier, 'units/admin1/SDN.json'), '{');
  assert.equal((await exportInto({ folder, url, run: SECOND })).outcome, 'unchanged');
  const parsed = (await reportsOf(folder, SECOND)).filter(({ rows, same_as }) => rows > 0 && !same_as);
  assert.deepEqual(
    parsed.map(({ level, country }) => `admin${level}/${country}`),
    ['admin1/AFG', 'admin1/SDN'],
  );
});

test('a country is known to be unchanged only if its units and its operations are the same', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url });
  await exportInto({ folder, url, run: SECOND });
  const store = folderStore(folder);
  const plan = (await readPlan(store, SECOND)) as Plan;
  const [reports, manifest] = [await reportsOf(folder, SECOND), await manifestIn(folder)];
  interface Changes {
    readonly operations?: Plan['operations'];
    readonly report?: Partial<UnitReport>;
    readonly current?: Manifest;
  }
  const unchanged = async ({ operations = plan.operations, report, current = manifest }: Changes) => {
    const isChanged = ({ level, country }: UnitReport) => level === 1 && country === 'SDN';
    const all = reports.map((one) => (isChanged(one) ? { ...one, ...report } : one));
    const units = composeUnits({ plan, reports: all, current, unitsWithNewerAnswer: new Set() });
    const run = { plan: { ...plan, operations }, units };
    const context = { store, generator: { ...generator, ...manifest.generator, reading: 'test' } };
    const found = await findUnchangedCountries(context, run, current);
    // The other countries of the lists were never asked for.
    return ['AFG', 'SDN', 'TCD'].filter((country) => found.has(country));
  };
  const changedOperation = plan.operations.map((one) =>
    one.admin0Pcode === 'TCD' ? { ...one, operationStatus: 'Unheard of' } : one,
  );
  const withUnit = (change: Partial<ManifestUnit>): Manifest => ({
    ...manifest,
    coverage: { units: manifest.coverage.units.map((unit) => ({ ...unit, ...change })) },
  });
  assert.deepEqual(await unchanged({}), ['AFG', 'SDN', 'TCD']);
  assert.deepEqual(await unchanged({ operations: changedOperation }), ['AFG', 'SDN']);
  assert.deepEqual(await unchanged({ operations: plan.operations.toReversed() }), ['AFG', 'SDN', 'TCD']);
  assert.deepEqual(await unchanged({ report: { raw_sha256: '0'.repeat(64) } }), ['AFG', 'TCD']);
  assert.deepEqual(await unchanged({ report: { status: 'empty', rows: 0 } }), ['AFG', 'TCD']);
  assert.deepEqual(await unchanged({ report: { status: 'failed' } }), ['AFG', 'SDN', 'TCD'], 'carried');
  // An older version of the program may have read an answer that was kept since.
  assert.deepEqual(await unchanged({ current: withUnit({ status: 'kept' }) }), []);
  assert.deepEqual(await unchanged({ current: { ...manifest, generator } }), [], 'read in another way');
});
