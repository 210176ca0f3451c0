// Compares the official Python client with ours: the same queries must give the same rows, fields and order.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { API_VERSIONS, type ApiVersion, type Endpoint } from '../../lib/dtm/endpoints.ts';
import { type Simulator, startSimulator } from '../../lib/simulator/server.ts';
import {
  askOurs,
  type Call,
  type Official,
  type Outcome,
  type Row,
  startOfficial,
} from './official-client.ts';
import { exampleOf, QUERIES } from './queries.ts';
import { NOT_RECORDED, RECORDED_VERSIONS, recordedAnswers } from './recorded-answers.ts';

interface World {
  readonly name: string;
  readonly version: ApiVersion;
  readonly start: () => Promise<Simulator>;
  readonly countries: readonly string[];
}

/** BOL has quotes, blanks and accents in its names, HTI has a round 0, AFG most rows, SYR rows without a level 2 area. */
const SYNTHETIC: readonly World[] = API_VERSIONS.map((version) => ({
  name: 'synthetic',
  version,
  start: () => startSimulator({ scale: 0.02 }),
  countries: ['AFG', 'BOL', 'HTI', 'SYR'],
}));

const RECORDED: readonly World[] = RECORDED_VERSIONS.map((version) => ({
  name: 'recorded',
  version,
  start: () => startSimulator({ answers: recordedAnswers(version) }),
  countries: ['HTI', 'TCD'],
}));

const LISTS = ['countries', 'operations'] as const;
const LEVELS = [0, 1, 2] as const;

let official: Official;
before(async () => {
  official = await startOfficial();
});
after(() => official?.[Symbol.asyncDispose]());

for (const world of [...SYNTHETIC, ...RECORDED]) {
  describe(`${world.name} ${world.version}`, () => compareWorld(world));
}

if (RECORDED.length === 0) test('recorded answers are not available', (t) => t.diagnostic(NOT_RECORDED));

function compareWorld({ version, start, countries }: World): void {
  let simulator: Simulator;
  const examples = new Map<string, Row>();
  const callOf = (endpoint: Endpoint, query: Call['query'] = {}): Call => ({
    ...{ url: simulator.url, version, endpoint, query },
  });

  before(async () => {
    simulator = await start();
    for (const country of countries) {
      const example = exampleOf(rowsOf(await askOurs(callOf('admin2', { admin0Pcode: country }))));
      assert.ok(example, `${country} has a row with known areas`);
      examples.set(country, example);
    }
  });
  after(() => simulator?.close());

  for (const list of LISTS) {
    test(`both clients get the same list of ${list}`, async () => {
      const rows = await compareRows(official, callOf(list), simulator);
      assert.ok(rows.length > 0);
      await compareFrame(official, callOf(list), rows);
    });
  }

  for (const kind of QUERIES) {
    test(`both clients get the same rows for a query by ${kind.label}`, async () => {
      for (const level of LEVELS.filter((number) => number >= kind.level)) {
        for (const example of examples.values()) {
          const call = callOf(`admin${level}`, kind.query(example));
          const rows = await compareRows(official, call, simulator);
          assert.equal(rows.some(contains(example, level)), kind.finds, describeCall(call));
        }
      }
    });
  }

  test('narrower queries return fewer rows', async () => {
    for (const example of examples.values()) {
      const count = async (query: Call['query']) => rowsOf(await askOurs(callOf('admin2', query))).length;
      const whole = await count({ admin0Pcode: String(example.admin0Pcode) });
      const queries = QUERIES.map(({ query }) => query(example)).filter((query) => query.admin0Pcode);
      const counts = await Promise.all(queries.map(count));
      for (const [at, rows] of counts.entries()) assert.ok(rows <= whole, JSON.stringify(queries[at]));
      assert.ok(
        counts.some((rows) => rows > 0 && rows < whole),
        String(example.admin0Pcode),
      );
    }
  });

  test('data frames of the official client have the shape of our rows', async () => {
    for (const example of examples.values()) {
      for (const level of LEVELS) {
        for (const { query } of QUERIES.filter((kind) => kind.level <= level)) {
          const call = callOf(`admin${level}`, query(example));
          await compareFrame(official, call, rowsOf(await askOurs(call)));
        }
      }
    }
  });
}

/** Sends a call with both clients, compares the requests and all rows, and returns the rows. */
async function compareRows(
  officialClient: Official,
  call: Call,
  simulator: Simulator,
): Promise<readonly Row[]> {
  const label = describeCall(call);
  const rows = rowsOf(await askOurs(call));
  const ourRequest = simulator.requests.at(-1);
  const expected = rowsOf(await officialClient.ask(call));
  const theirRequest = simulator.requests.at(-1);
  assert.notEqual(ourRequest, theirRequest);
  assert.deepEqual([ourRequest?.path, ourRequest?.query], [theirRequest?.path, theirRequest?.query], label);
  assert.match(ourRequest?.headers['user-agent'] ?? '', /dtm-exporter/);
  assert.match(theirRequest?.headers['user-agent'] ?? '', /DTMClient/);
  assert.equal(rows.length, expected.length, label);
  // As text, so that the order of the fields counts.
  for (const [at, row] of rows.entries())
    assert.equal(JSON.stringify(row), JSON.stringify(expected[at]), `${label}, row ${at}`);
  return rows;
}

async function compareFrame(officialClient: Official, call: Call, rows: readonly Row[]): Promise<void> {
  const { shape, columns, people } = await officialClient.askFrame(call);
  const fields = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  assert.deepEqual(shape, [rows.length, fields.length], describeCall(call));
  assert.deepEqual(columns, fields, describeCall(call));
  const counted = fields.includes('numPresentIdpInd');
  const sum = rows.reduce((total, row) => total + Number(row.numPresentIdpInd ?? 0), 0);
  assert.equal(people, counted ? sum : null, describeCall(call));
}

function rowsOf(outcome: Outcome): readonly Row[] {
  if ('error' in outcome) assert.fail(`${outcome.error.classes[0]}: ${outcome.error.message}`);
  return outcome.rows;
}

/** Matches the rows of a level that contain the example, which is a row of admin2. */
function contains(example: Row, level: 0 | 1 | 2): (row: Row) => boolean {
  const areas = ['admin1Pcode', 'admin2Pcode'].slice(0, level);
  const fields = ['admin0Pcode', 'operation', 'reportingDate', 'roundNumber', ...areas];
  return (row) => fields.every((field) => row[field] === example[field]);
}

const describeCall = ({ version, endpoint, query }: Call): string =>
  `${version} ${endpoint} ${JSON.stringify(query)}`;
