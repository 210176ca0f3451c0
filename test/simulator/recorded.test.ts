// The simulator with recorded answers from a folder. In this test the answers are synthetic.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Simulator, startSimulator } from '../../lib/simulator/server.ts';
import { createWorld } from '../../lib/simulator/world/world.ts';
import { answer, ask } from './ask-simulator.ts';

const V3 = '/v3/displacement';
const folder = await mkdtemp(join(tmpdir(), 'recorded-'));
const texts = new Map<string, string>();
let simulator: Simulator;

/** An answer with extra blanks, so that a test notices if it is parsed and written again. */
const envelope = (result: readonly unknown[]) =>
  JSON.stringify(
    { result, statusCode: 200, isSuccess: true, errorMessages: [], totalRecordsCount: result.length },
    null,
    1,
  );

before(async () => {
  const world = createWorld(1, 0.05);
  for (const iso3 of ['CMR', 'TCD']) {
    for (const level of [0, 1, 2] as const) {
      if (iso3 === 'CMR' && level === 2) continue;
      texts.set(`admin${level}-${iso3}`, envelope(world.rows('v3', level, iso3)));
    }
  }
  texts.set('country-list', envelope(world.countryList()));
  texts.set('operation-list', envelope(world.operationList()));
  for (const [name, text] of texts) await writeFile(join(folder, `${name}.json`), text);
  await writeFile(join(folder, 'notes.json'), '{}');
  simulator = await startSimulator({ answers: folder });
});
after(async () => {
  await simulator.close();
  await rm(folder, { recursive: true });
});

const SERVED: readonly (readonly [path: string, name: string])[] = [
  ['country-list', 'country-list'],
  ['operation-list', 'operation-list'],
  ['admin0?Admin0Pcode=TCD', 'admin0-TCD'],
  ['admin2?Admin0Pcode=TCD', 'admin2-TCD'],
  ['admin1?Admin0Pcode=CMR&FromRoundNumber=0&ToRoundNumber=0', 'admin1-CMR'],
];

for (const [path, name] of SERVED) {
  test(`${path} returns ${name}.json byte for byte, without X-DTM-Synthetic`, async () => {
    const response = await ask(simulator, `${V3}/${path}`);
    assert.equal(response.headers.get('x-dtm-synthetic'), null);
    assert.equal(await response.text(), texts.get(name));
  });
}

test('filters, country names and operations are applied to recorded rows', async () => {
  const from = await answer(simulator, `${V3}/admin1?Admin0Pcode=TCD&FromReportingDate=2022-01-01`);
  const named = await answer(simulator, `${V3}/admin1?CountryName=Chad`);
  const crisis = await answer(simulator, `${V3}/admin0?Operation=Great%20Lagoon%20Basin%20Crisis`);
  const all = JSON.parse(texts.get('admin1-TCD') ?? '');
  assert.ok(from.result.length > 0 && from.result.length < all.result.length);
  assert.ok(from.result.every((row) => String(row.reportingDate) >= '2022'));
  assert.deepEqual(named, all);
  assert.deepEqual(new Set(crisis.result.map((row) => row.admin0Pcode)), new Set(['CMR', 'TCD']));
});

const REFUSED: readonly (readonly [path: string, message: string, isSuccess: boolean])[] = [
  ['admin0?Admin0Pcode=HTI', 'No Country Code found matching your query.', false],
  ['admin0?CountryName=Haiti', 'No Country found matching your query.', false],
  ['admin0?Operation=None', 'No matching data found.', true],
  ['admin2?Admin0Pcode=CMR', 'No matching data found.', true],
];

for (const [path, message, isSuccess] of REFUSED) {
  test(`recorded answers: ${path} gets "${message}"`, async () => {
    const result = await answer(simulator, `${V3}/${path}`);
    assert.deepEqual([result.errorMessages, result.isSuccess, result.result], [[message], isSuccess, []]);
  });
}

test('with answers of v3, paths of v2 get HTTP 404', async () => {
  assert.equal((await ask(simulator, '/v2/IdpAdmin0Data?Admin0Pcode=TCD')).status, 404);
  assert.equal((await ask(simulator, '/v2/CountryList')).status, 404);
});

test('a folder of v2 answers is served at paths of v2 only', async () => {
  const other = await mkdtemp(join(tmpdir(), 'recorded-'));
  const text = envelope(createWorld(1, 0.05).rows('v2', 0, 'TCD'));
  await writeFile(join(other, 'admin0-TCD.json'), text);
  await using served = await startSimulator({ answers: other });
  assert.equal(await (await ask(served, '/v2/IdpAdmin0Data?Admin0Pcode=TCD')).text(), text);
  assert.equal((await ask(served, `${V3}/admin0?Admin0Pcode=TCD`)).status, 404);
  assert.equal((await answer(served, '/v2/CountryList')).statusCode, 204);
  await rm(other, { recursive: true });
});

test('a folder with only lists is served as v3', async () => {
  const other = await mkdtemp(join(tmpdir(), 'recorded-'));
  await writeFile(join(other, 'country-list.json'), texts.get('country-list') ?? '');
  await using served = await startSimulator({ answers: other });
  const response = await ask(served, `${V3}/country-list`);
  assert.equal(await response.text(), texts.get('country-list'));
  await rm(other, { recursive: true });
});

test('recorded answers accept faults on rows and responses, but not on the world', async () => {
  await using other = await startSimulator({ answers: folder, faults: ['count*1', '500*1'] });
  const changed = await answer(other, `${V3}/admin0?Admin0Pcode=TCD`);
  assert.equal(changed.totalRecordsCount, changed.result.length + 1);
  assert.equal((await ask(other, `${V3}/admin0?Admin0Pcode=TCD`)).status, 500);
  await assert.rejects(
    startSimulator({ answers: folder, faults: ['gone@TCD'] }),
    /fault "gone@TCD": changes the synthetic world, not recorded answers/,
  );
});

test('a folder without answers is an error that names it', async () => {
  const nowhere = join(folder, 'nowhere');
  await assert.rejects(startSimulator({ answers: nowhere }), (error: Error) =>
    error.message.includes(nowhere),
  );
});
