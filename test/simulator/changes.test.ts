// Faults that change the world between two runs. They change all levels of their country, and no other country.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Simulator, startSimulator } from '../../lib/simulator/server.ts';
import { answer } from './ask-simulator.ts';
import { grouped, keyOf, NATURAL_KEY, SNAPSHOT } from './world-rows.ts';

const LEVELS = [
  '/v3/displacement/admin0',
  '/v3/displacement/admin1',
  '/v3/displacement/admin2',
  '/v2/IdpAdmin1Data',
];
let simulator: Simulator;

before(async () => {
  simulator = await startSimulator({ scale: 0.05 });
});
after(() => simulator.close());

type Rows = Awaited<ReturnType<typeof answer>>['result'];

/** The rows of a country at every level, before and after the faults. */
async function compare(iso3: string, ...faults: string[]): Promise<(readonly [before: Rows, after: Rows])[]> {
  const rows = () =>
    Promise.all(LEVELS.map(async (path) => (await answer(simulator, `${path}?Admin0Pcode=${iso3}`)).result));
  simulator.setFaults([]);
  const rowsBefore = await rows();
  simulator.setFaults(faults);
  const rowsAfter = await rows();
  return rowsBefore.map((list, i) => [list, rowsAfter[i] ?? []] as const);
}

const sum = (rows: Rows, field: string) => rows.reduce((total, row) => total + Number(row[field] ?? 0), 0);

for (const [spec, people] of [
  ['changed@HTI', 7],
  ['changed=-3@HTI', -3],
] as const) {
  test(`fault ${spec} changes one count by ${people} at every level`, async () => {
    for (const [earlier, later] of await compare('HTI', spec)) {
      const differing = earlier.filter((row, i) => JSON.stringify(row) !== JSON.stringify(later[i]));
      assert.equal(differing.length, 1);
      assert.equal(sum(later, 'numPresentIdpInd') - sum(earlier, 'numPresentIdpInd'), people);
      assert.equal(later.length, earlier.length);
    }
  });
}

test('faults on other countries do not change the rows of a country', async () => {
  const faults = ['changed@HTI', 'gone@SOM', 'new-round@SYR', 'renamed@UKR', 'renumber@IRQ'];
  for (const [earlier, later] of await compare('TCD', ...faults)) assert.deepEqual(later, earlier);
});

test('fault gone removes a country from the lists and makes it unknown', async () => {
  simulator.setFaults(['gone@HTI']);
  const listed = await answer(simulator, '/v3/displacement/country-list');
  const operations = await answer(simulator, '/v3/displacement/operation-list');
  const response = await answer(simulator, '/v3/displacement/admin0?Admin0Pcode=HTI');
  assert.equal(listed.totalRecordsCount, 52);
  assert.ok([...listed.result, ...operations.result].every((row) => row.admin0Pcode !== 'HTI'));
  assert.deepEqual(response.errorMessages, ['No Country Code found matching your query.']);
  assert.equal(response.isSuccess, false);
});

test('fault renumber changes only ids and row order', async () => {
  for (const [earlier, later] of await compare('NGA', 'renumber')) {
    const content = (rows: Rows) => rows.map(({ id: _, ...row }) => JSON.stringify(row)).toSorted();
    assert.deepEqual(content(later), content(earlier));
    assert.notDeepEqual(later, earlier);
    const dates = later.map((row) => String(row.reportingDate));
    assert.deepEqual(dates, dates.toSorted());
  }
});

for (const [spec, date] of [
  ['new-round@HTI', '2026-10-15'],
  ['new-round=2015-06-30@HTI', '2015-06-30'],
] as const) {
  test(`fault ${spec} adds a round on ${date} at every level`, async () => {
    for (const [earlier, later] of await compare('HTI', spec)) {
      const earlierKeys = new Set(earlier.map((row) => keyOf(row, NATURAL_KEY)));
      const added = later.filter((row) => !earlierKeys.has(keyOf(row, NATURAL_KEY)));
      assert.equal(later.length, earlier.length + added.length);
      assert.equal(grouped(added, SNAPSHOT).size, 1);
      assert.equal(added[0]?.reportingDate, `${date}T00:00:00`);
      assert.equal(added[0]?.operation, 'Countrywide displacement monitoring');
    }
  });
}

test('fault renamed changes the name of an operation in its rows and in the list', async () => {
  for (const [earlier, later] of await compare('LBN', 'renamed=Southern Border, revised@LBN')) {
    assert.deepEqual(
      later,
      earlier.map((row) => ({ ...row, operation: 'Southern Border, revised' })),
    );
  }
  const { result } = await answer(simulator, '/v3/displacement/operation-list');
  assert.deepEqual(
    result.filter((row) => row.admin0Pcode === 'LBN').map((row) => row.operation),
    ['Southern Border, revised'],
  );
});
