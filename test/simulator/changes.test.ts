// Faults that change the world between two runs: always at all levels, and nowhere else.

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

/** The country's rows at every level, before and after the faults. */
async function compare(iso3: string, ...faults: string[]): Promise<(readonly [before: Rows, after: Rows])[]> {
  const rows = () =>
    Promise.all(LEVELS.map(async (path) => (await answer(simulator, `${path}?Admin0Pcode=${iso3}`)).result));
  simulator.setFaults([]);
  const first = await rows();
  simulator.setFaults(faults);
  const second = await rows();
  return first.map((list, i) => [list, second[i] ?? []] as const);
}

const sum = (rows: Rows, field: string) => rows.reduce((total, row) => total + Number(row[field] ?? 0), 0);

for (const [spec, people] of [
  ['changed@HTI', 7],
  ['changed=-3@HTI', -3],
] as const) {
  test(`${spec} moves one figure by ${people} at every level`, async () => {
    for (const [one, two] of await compare('HTI', spec)) {
      const differing = one.filter((row, i) => JSON.stringify(row) !== JSON.stringify(two[i]));
      assert.equal(differing.length, 1);
      assert.equal(sum(two, 'numPresentIdpInd') - sum(one, 'numPresentIdpInd'), people);
      assert.equal(two.length, one.length);
    }
  });
}

test('a change of one country leaves the others as they are', async () => {
  const faults = ['changed@HTI', 'gone@SOM', 'new-round@SYR', 'renamed@UKR', 'renumber@IRQ'];
  for (const [one, two] of await compare('TCD', ...faults)) assert.deepEqual(two, one);
});

test('a country that is gone is in no list and unknown', async () => {
  simulator.setFaults(['gone@HTI']);
  const listed = await answer(simulator, '/v3/displacement/country-list');
  const operations = await answer(simulator, '/v3/displacement/operation-list');
  const asked = await answer(simulator, '/v3/displacement/admin0?Admin0Pcode=HTI');
  assert.equal(listed.totalRecordsCount, 52);
  assert.ok([...listed.result, ...operations.result].every((row) => row.admin0Pcode !== 'HTI'));
  assert.deepEqual(asked.errorMessages, ['No Country Code found matching your query.']);
  assert.equal(asked.isSuccess, false);
});

test('a reload gives rows other ids and another order, and nothing else', async () => {
  for (const [one, two] of await compare('NGA', 'renumber')) {
    const content = (rows: Rows) => rows.map(({ id: _, ...row }) => JSON.stringify(row)).toSorted();
    assert.deepEqual(content(two), content(one));
    assert.notDeepEqual(two, one);
    const dates = two.map((row) => String(row.reportingDate));
    assert.deepEqual(dates, dates.toSorted());
  }
});

for (const [spec, date] of [
  ['new-round@HTI', '2026-10-15'],
  ['new-round=2015-06-30@HTI', '2015-06-30'],
] as const) {
  test(`${spec} adds a round on ${date} at every level`, async () => {
    for (const [one, two] of await compare('HTI', spec)) {
      const had = new Set(one.map((row) => keyOf(row, NATURAL_KEY)));
      const added = two.filter((row) => !had.has(keyOf(row, NATURAL_KEY)));
      assert.equal(two.length, one.length + added.length);
      assert.equal(grouped(added, SNAPSHOT).size, 1);
      assert.equal(added[0]?.reportingDate, `${date}T00:00:00`);
      assert.equal(added[0]?.operation, 'Countrywide displacement monitoring');
    }
  });
}

test('an operation is renamed in its rows and in the list', async () => {
  for (const [one, two] of await compare('LBN', 'renamed=Southern Border, revised@LBN')) {
    assert.deepEqual(
      two,
      one.map((row) => ({ ...row, operation: 'Southern Border, revised' })),
    );
  }
  const { result } = await answer(simulator, '/v3/displacement/operation-list');
  assert.deepEqual(
    result.filter((row) => row.admin0Pcode === 'LBN').map((row) => row.operation),
    ['Southern Border, revised'],
  );
});
