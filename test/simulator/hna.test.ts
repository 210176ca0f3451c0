// The HNA half of the simulator: its key, levels, pages, links and faults.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { unzipSync } from 'fflate';
import { type Simulator, startSimulator } from '../../lib/simulator/server.ts';

const KEY = 'sample-hna-key';
const NGA = 'Admin0Pcode=NGA&Year=2023';
let simulator: Simulator;

before(async () => {
  simulator = await startSimulator({ scale: 0.05 });
});
beforeEach(() => simulator.setFaults([]));
after(() => simulator.close());

const ask = (path: string, key = KEY): Promise<Response> =>
  fetch(path.startsWith('http') ? path : `${simulator.url}/HNA/v1/${path}`, {
    headers: key === '' ? {} : { 'Ocp-Apim-Subscription-Key': key },
    redirect: 'manual',
  });

// biome-ignore lint/suspicious/noExplicitAny: the forms of the answers differ, and each test says what it expects
const json = async (path: string): Promise<any> => (await ask(path)).json();
const pageOf = async (query: string) => (await json(`admin2?${query}`)).result.result;

test('the HNA service has a key of its own, and the file needs none', async () => {
  assert.equal((await ask('country-list', '')).status, 401);
  assert.equal((await ask('country-list', 'sample-key')).status, 401);
  assert.equal((await ask('country-list')).status, 200);
  const displacement = `${simulator.url}/v3/displacement/country-list`;
  assert.equal((await ask(displacement, KEY)).status, 401);
  assert.deepEqual(
    simulator.requests.slice(-4).map(({ endpoint, version, key }) => [endpoint, version, key]),
    [
      ['hna-countries', 'v1', 'none'],
      ['hna-countries', 'v1', 'wrong'],
      ['hna-countries', 'v1', 'primary'],
      ['countries', 'v3', 'wrong'],
    ],
  );
  const { downloadUrl } = await json(`download?${NGA}`);
  assert.equal((await ask(downloadUrl, '')).status, 200);
  assert.equal(simulator.requests.at(-1)?.key, 'none');
});

test('the key of the HNA service can be set', async () => {
  await using other = await startSimulator({ scale: 0.003, hnaKey: 'mine' });
  assert.equal((await ask(`${other.url}/HNA/v1/catalog`, 'mine')).status, 200);
  assert.equal((await ask(`${other.url}/HNA/v1/catalog`, KEY)).status, 401);
});

test('the catalogue describes every column of the rows, in their order', async () => {
  const catalog: Record<string, string>[] = (await json('catalog')).result.result;
  const { data } = await pageOf(NGA);
  assert.ok(data.length > 10);
  for (const row of data)
    assert.deepEqual(
      Object.keys(row),
      catalog.map((each) => each.indicator_name),
    );
  const { result: countries } = await json('country-list');
  assert.ok(countries.some((each: Record<string, string>) => each.admin0Pcode === 'NGA'));
});

test('pages are disjoint, and end', async () => {
  const seen = new Set<string>();
  let page = 1;
  for (let hasNextPage = true; hasNextPage; page++) {
    const { data, pagination } = await pageOf(`${NGA}&Page=${page}`);
    for (const row of data) seen.add(`${row.sim_adm2_pcode} ${row.m2788_loc_assessment_strata}`);
    assert.equal(pagination.currentPage, page);
    hasNextPage = pagination.hasNextPage;
    assert.equal(seen.size, (page - 1) * 20 + data.length);
  }
  assert.ok(page > 3, `${page} pages`);
  assert.deepEqual((await pageOf(`${NGA}&Page=${page}`)).data, []);
});

test('a population group filters the rows, and a year without figures is empty', async () => {
  const groupsOf = async (query: string) =>
    new Set(
      (await pageOf(query)).data.map((row: Record<string, unknown>) => row.m2788_loc_assessment_strata),
    );
  assert.deepEqual(await groupsOf(`${NGA}&PopulationGroup=IDP`), new Set(['IDP']));
  assert.deepEqual(
    await groupsOf(`${NGA}&PopulationGroup=IDP,%20Non-displaced`),
    new Set(['IDP', 'Non-displaced']),
  );
  assert.deepEqual(await groupsOf(`${NGA}&PopulationGroup=Nobody`), new Set());
  assert.deepEqual(await groupsOf('Admin0Pcode=NGA&Year=1999'), new Set());
});

for (const [query, message] of [
  ['Year=2023', /provide the Admin0 Pcode/],
  ['Admin0Pcode=NGA', /provide the Admin0 Pcode/],
  ['Admin0Pcode=XXX&Year=2023', /No Country Code found/],
  [`${NGA}&Admin0Name=Chad`, /No Country found/],
  [`${NGA}&Page=0`, /Invalid Page/],
] as const)
  test(`the query ${query} is refused within the levels`, async () => {
    const answer = await json(`admin2?${query}`);
    assert.deepEqual([answer.exception, answer.result.isSuccess], [null, false]);
    assert.match(answer.result.errorMessages[0], message);
  });

test('a link gives the same workbook every time, and none if it is changed or expired', async (t) => {
  const { downloadUrl, fileName, expiresAt } = await json(`download?${NGA}&PopulationGroup=IDP`);
  assert.match(fileName, /^Report_NGA_2023__\d{14}\.xlsx$/);
  const bytes = new Uint8Array(await (await ask(downloadUrl, '')).arrayBuffer());
  assert.deepEqual(new Uint8Array(await (await ask(downloadUrl, '')).arrayBuffer()), bytes);
  const sheet = new TextDecoder().decode(unzipSync(bytes)['xl/worksheets/sheet1.xml']);
  assert.ok(sheet.includes('pct_hh_m2730_hh_priority_needs_food') && !sheet.includes('Non-displaced'));
  for (const [from, to] of [
    ['NGA', 'TCD'],
    ['sig=', 'sig=x'],
    ['IDP', 'Non-displaced'],
  ] as const)
    assert.equal((await ask(downloadUrl.replace(from, to), '')).status, 403);
  t.mock.timers.enable({ apis: ['Date'], now: new Date(expiresAt) });
  assert.equal((await ask(downloadUrl, '')).status, 403);
});

test('the same seed and scale give the same rows, another seed gives different ones', async () => {
  const rows = async (seed: number) => {
    await using other = await startSimulator({ scale: 0.05, seed });
    return (await ask(`${other.url}/HNA/v1/admin2?${NGA}`)).text();
  };
  const here = await (await ask(`admin2?${NGA}`)).text();
  assert.equal(await rows(1), here);
  assert.notEqual(await rows(2), here);
});

test('faults of the API apply to the HNA service, and can be limited to it', async () => {
  simulator.setFaults([
    '503@hna-admin2/NGA*1',
    'exception=Deadlock@hna-catalog',
    'firewall@hna-file',
    'type=description@hna-countries',
  ]);
  assert.equal((await ask(`admin2?${NGA}`)).status, 503);
  assert.equal((await ask(`admin2?${NGA}`)).status, 200);
  assert.equal((await json('catalog')).exception, 'Deadlock');
  const { downloadUrl } = await json(`download?${NGA}`);
  assert.equal((await ask(downloadUrl)).status, 403);
  simulator.setFaults(['missing=description', 'extra']);
  const rows: object[] = (await json('catalog')).result.result;
  assert.equal(rows.filter((row) => !('description' in row)).length, 1);
  simulator.setFaults(['type=data_type']);
  const typed: Record<string, unknown>[] = (await json('catalog')).result.result;
  assert.equal(typed.filter((row) => Array.isArray(row.data_type)).length, 1);
  simulator.setFaults(['extra=more']);
  assert.ok((await pageOf(NGA)).data.every((row: object) => 'more' in row));
});

test('faults of pages: none, the same, and no end', async () => {
  const first = (await pageOf(NGA)).data;
  simulator.setFaults(['no-pagination']);
  assert.deepEqual(Object.keys(await pageOf(NGA)), ['data']);
  simulator.setFaults(['same-page']);
  const same = await pageOf(`${NGA}&Page=3`);
  assert.deepEqual([same.data, same.pagination.hasNextPage], [first, true]);
  simulator.setFaults(['endless-pages']);
  const far = await pageOf(`${NGA}&Page=900`);
  assert.ok(far.data.length > 0 && far.pagination.hasNextPage && far.data[0].sim_page === 900);
  const v3 = `${simulator.url}/v3/displacement/country-list`;
  await ask(v3, 'sample-key');
  assert.equal(simulator.requests.at(-1)?.fault, null);
});

test('recorded answers have no HNA service', async (t) => {
  const { mkdtemp, rm, writeFile } = await import('node:fs/promises');
  const folder = await mkdtemp(`${(await import('node:os')).tmpdir()}/dtm-recorded-`);
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(`${folder}/country-list.json`, '{"result":[]}');
  await using recorded = await startSimulator({ answers: folder });
  assert.equal((await ask(`${recorded.url}/HNA/v1/catalog`)).status, 404);
});
