// Compares the simulator with recorded answers of the API. These are not part of the project: DTM_RECORDED names their
// folder, by default ../shared/recorded.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ApiVersion } from '../../lib/dtm/endpoints.ts';
import { startSimulator } from '../../lib/simulator/server.ts';
import { type Answer, ask } from './ask-simulator.ts';
import { grouped, keyOf, NATURAL_KEY, SNAPSHOT } from './world-rows.ts';

const root = join(import.meta.dirname, '../..');
const recorded = process.env.DTM_RECORDED || join(root, '../shared/recorded');
const COUNTRIES = ['HTI', 'TCD'];
const LEVELS = [0, 1, 2];

const PATHS: Record<ApiVersion, (level: number) => string> = {
  v3: (level) => `/v3/displacement/admin${level}`,
  v2: (level) => `/v2/IdpAdmin${level}Data`,
};
const LISTS: Record<ApiVersion, Record<string, string>> = {
  v3: {
    'country-list': '/v3/displacement/country-list',
    'operation-list': '/v3/displacement/operation-list',
  },
  v2: { 'country-list': '/v2/CountryList', 'operation-list': '/v2/OperationList' },
};

type Rows = Answer['result'];
const rowsOf = (answers: readonly string[]): Rows =>
  answers.flatMap((text) => (JSON.parse(text) as Answer).result);
const typeOf = (value: unknown) =>
  value === null ? 'null' : Number.isInteger(value) ? 'integer' : typeof value;

/** The JSON types of each field. */
function typesOf(rows: Rows): Record<string, string[]> {
  const types: Record<string, Set<string>> = {};
  for (const row of rows) {
    for (const [field, value] of Object.entries(row)) {
      types[field] ??= new Set();
      types[field].add(typeOf(value));
    }
  }
  return Object.fromEntries(Object.entries(types).map(([field, set]) => [field, [...set].sort()]));
}

/** An envelope without its rows. */
function envelopeOf(text: string) {
  const { result, totalRecordsCount, ...rest } = JSON.parse(text) as Answer;
  return { ...rest, keys: Object.keys(JSON.parse(text)), counted: totalRecordsCount === result.length };
}

/** The different key orders of the rows. */
const keyOrders = (rows: Rows) => [...new Set(rows.map((row) => Object.keys(row).join(' ')))];

/** Rules for recorded rows. Simulated rows must follow them, too. */
const RULES: Record<string, (rows: Rows) => boolean> = {
  'dates are days at midnight without zone': (rows) =>
    rows.every((row) => /^\d{4}-\d\d-\d\dT00:00:00$/.test(String(row.reportingDate))),
  'year and month agree with the date': (rows) =>
    rows.every((row) => {
      const [year, month] = String(row.reportingDate).split('-').map(Number);
      return row.yearReportingDate === year && row.monthReportingDate === month;
    }),
  'the natural key is unique': (rows) =>
    new Set(rows.map((row) => keyOf(row, NATURAL_KEY))).size === rows.length,
  'males and females are null together': (rows) =>
    rows.every((row) => (row.numberMales === null) === (row.numberFemales === null)),
  'an unknown origin is unknown in name and code': (rows) =>
    rows.every(
      (row) =>
        (row.idpOriginAdmin1Name === 'Not available') === (row.idpOriginAdmin1Pcode === 'Not available'),
    ),
  'no count is negative': (rows) => rows.every((row) => Number(row.numPresentIdpInd) >= 0),
};

const people = (rows: Rows) => rows.reduce((sum, row) => sum + Number(row.numPresentIdpInd), 0);

/** The total of each snapshot. */
const totals = (rows: Rows) =>
  new Map([...grouped(rows, SNAPSHOT)].map(([key, group]) => [key, people(group)] as const).sort());

if (!existsSync(recorded)) {
  test('simulator and recorded answers: none found, so nothing is compared', (t) => {
    t.diagnostic(`no recorded answers at ${recorded}: not compared (DTM_RECORDED)`);
  });
} else {
  const simulator = await startSimulator({ scale: 0.3 });
  after(() => simulator.close());
  for (const version of ['v3', 'v2'] as const) await compare(version, simulator);
}

async function compare(
  version: ApiVersion,
  simulator: Awaited<ReturnType<typeof startSimulator>>,
): Promise<void> {
  const recordedText = (name: string) => readFileSync(join(recorded, version, `${name}.json`), 'utf8');
  const simulated = async (path: string) => (await ask(simulator, path)).text();
  const levels = await Promise.all(
    LEVELS.map(async (level) => ({
      level,
      recordedText: COUNTRIES.map((iso3) => recordedText(`admin${level}-${iso3}`)),
      simulated: await Promise.all(
        COUNTRIES.map((iso3) => simulated(`${PATHS[version](level)}?Admin0Pcode=${iso3}`)),
      ),
    })),
  );

  for (const [name, path] of Object.entries(LISTS[version])) {
    test(`${version} ${name}: the simulator has the recorded envelope, keys and types`, async () => {
      const [expected, actual] = [recordedText(name), await simulated(path)];
      assert.deepEqual(envelopeOf(actual), envelopeOf(expected));
      assert.deepEqual(keyOrders(rowsOf([actual])), keyOrders(rowsOf([expected])));
      assert.deepEqual(typesOf(rowsOf([actual])), typesOf(rowsOf([expected])));
    });
  }

  test(`${version} country-list: the simulator has all recorded names and codes`, async () => {
    const actual = rowsOf([await simulated(LISTS[version]['country-list'] ?? '')]);
    const expected = rowsOf([recordedText('country-list')]);
    for (const row of expected)
      assert.ok(actual.some((each) => JSON.stringify(each) === JSON.stringify(row)));
    if (version === 'v3') assert.deepEqual(actual, expected);
  });

  test(`${version} operation-list: the simulator has the recorded statuses`, async () => {
    const actual = rowsOf([await simulated(LISTS[version]['operation-list'] ?? '')]);
    const states = (rows: Rows) => [...new Set(rows.map((row) => row.operationStatus))].sort();
    assert.deepEqual(states(actual), states(rowsOf([recordedText('operation-list')])));
  });

  for (const { level, recordedText: expected, simulated: actual } of levels) {
    test(`${version} admin${level}: the simulator has the recorded envelope, keys and types`, () => {
      for (const [i, text] of actual.entries())
        assert.deepEqual(envelopeOf(text), envelopeOf(expected[i] ?? ''));
      assert.deepEqual(keyOrders(rowsOf(actual)), keyOrders(rowsOf(expected)));
      assert.deepEqual(typesOf(rowsOf(actual)), typesOf(rowsOf(expected)));
    });

    for (const [rule, holds] of Object.entries(RULES)) {
      test(`${version} admin${level}, recorded and simulated: ${rule}`, () => {
        assert.ok(holds(rowsOf(expected)), 'recorded');
        assert.ok(holds(rowsOf(actual)), 'simulated');
      });
    }

    test(`${version} admin${level}: rows are sorted by date, ids are not`, () => {
      for (const text of [...expected, ...actual]) {
        const rows = rowsOf([text]);
        const dates = rows.map((row) => String(row.reportingDate));
        assert.deepEqual(dates, dates.toSorted());
        if (version === 'v3' && level === 0) continue;
        const ids = rows.map((row) => Number(row.id));
        assert.equal(new Set(ids).size, ids.length);
        assert.notDeepEqual(
          ids,
          ids.toSorted((a, b) => a - b),
        );
      }
    });
  }

  test(`${version}: the three levels have the same total in every snapshot`, () => {
    for (const side of ['recordedText', 'simulated'] as const) {
      const [admin0, ...finer] = levels.map((each) => totals(rowsOf(each[side])));
      for (const level of finer) assert.deepEqual(level, admin0, side);
    }
  });

  test(`${version}: the simulator has all recorded reasons and assessment types`, () => {
    for (const field of version === 'v3' ? ['displacementReason', 'assessmentType'] : ['assessmentType']) {
      const words = (side: 'recordedText' | 'simulated') =>
        new Set(levels.flatMap((each) => rowsOf(each[side]).map((row) => row[field])));
      const missing = [...words('recordedText')].filter((word) => !words('simulated').has(word));
      assert.deepEqual(missing, []);
    }
  });

  test(`${version}: recorded answers are served byte for byte`, async () => {
    await using served = await startSimulator({ answers: join(recorded, version) });
    for (const level of LEVELS) {
      for (const iso3 of COUNTRIES) {
        const response = await ask(served, `${PATHS[version](level)}?Admin0Pcode=${iso3}`);
        assert.equal(await response.text(), recordedText(`admin${level}-${iso3}`));
        assert.equal(response.headers.get('x-dtm-synthetic'), null);
      }
    }
    for (const [name, path] of Object.entries(LISTS[version])) {
      assert.equal(await (await ask(served, path)).text(), recordedText(name));
    }
  });
}
