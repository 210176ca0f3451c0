// Rows that look like a fault of the API are refused until they are accepted: units that lost many rows, doubled or have
// every row twice, compared with the largest counts of the recent releases.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { type ExportSetting, exportInto, simulator, temporaryFolder } from '../setting.ts';
import { startChangingProxy } from './start-changing-proxy.ts';

type Rows = Record<string, unknown>[];
/** Changes the rows of an answer. `path` is the path of the request. */
type Change = (rows: Rows, path: string) => Rows;

interface ChangeHolder {
  change: Change;
}

/** Starts an API whose rows are changed by `holder.change`. */
function startChangingApi(t: TestContext, target: string, holder: ChangeHolder): Promise<string> {
  return startChangingProxy(t, target, ({ path, body }) => {
    if (!path.includes('admin')) return {};
    const envelope = JSON.parse(body.toString());
    const result = holder.change(envelope.result ?? [], path);
    const counts = { statusCode: result.length > 0 ? 200 : 204, totalRecordsCount: result.length };
    return { body: Buffer.from(JSON.stringify({ ...envelope, ...counts, result })) };
  });
}

const THREE = ['AFG', 'SDN', 'TCD'];

/** Starts the API. Each `run` has the next hour as its id. */
async function startRuns(t: TestContext, scale = 0.02) {
  const world = await simulator(t, { scale });
  const api: ChangeHolder = { change: (rows) => rows };
  const url = await startChangingApi(t, world.url, api);
  const folder = await temporaryFolder(t);
  let hour = 0;
  const run = (more: Partial<ExportSetting> = {}) => {
    hour++;
    const id = `2026-11-24T${String(hour).padStart(2, '0')}-00-00Z`;
    return exportInto({ folder, url, countries: THREE, run: id, ...more });
  };
  const published = async () => (await readCurrent(folderStore(folder))).pointer?.rows;
  return { api, folder, run, published };
}

const atLevel =
  (level: string, change: (rows: Rows) => Rows): Change =>
  (rows, path) =>
    path.includes(level) ? change(rows) : rows;

const keepShare = (share: number) => (rows: Rows) => rows.slice(0, Math.floor(rows.length * share));
/** Other rows of the same unit: the same places, in rounds that do not exist. */
const inOtherRounds = (rows: Rows): Rows =>
  rows.map((row) => ({ ...row, roundNumber: (row.roundNumber as number) + 1000 }));

const CASES: { name: string; change: Change; reason: RegExp }[] = [
  {
    name: 'a level of all countries without rows',
    change: atLevel('admin2', () => []),
    reason:
      /admin2 fell from \d+ rows \(\S+\) to 0, .*admin2\/AFG has none of \d+ rows \(\S+\), admin2\/SDN has none of .*: if that is right, publish with --run 2026-11-24T02-00-00Z --accept-drop/,
  },
  {
    name: 'one unit without rows in a table that loses few rows',
    change: atLevel('admin0', (rows) => (rows[0]?.admin0Pcode === 'TCD' ? [] : rows)),
    reason: /admin0\/TCD has none of \d+ rows \(\S+\)/,
  },
  {
    name: 'one unit that lost half of its rows',
    change: atLevel('admin1', (rows) => (rows[0]?.admin0Pcode === 'AFG' ? keepShare(0.5)(rows) : rows)),
    reason: /admin1\/AFG fell from \d+ rows \(\S+\) to \d+/,
  },
  {
    name: 'a unit that doubled',
    change: atLevel('admin2', (rows) =>
      rows[0]?.admin0Pcode === 'SDN' ? [...rows, ...inOtherRounds(rows)] : rows,
    ),
    reason: /admin2\/SDN grew from \d+ rows \(\S+\) to \d+/,
  },
  {
    name: 'every row twice',
    change: (rows) => [...rows, ...rows],
    reason: /admin0\/AFG has every row twice or more often \(\d+ rows of \d+ kinds\)/,
  },
];

for (const { name, change, reason } of CASES) {
  test(`${name}: refused, and published after --accept-drop`, async (t) => {
    const { api, run, published } = await startRuns(t);
    await run();
    const before = await published();
    api.change = change;
    const refused = await run();
    assert.equal(refused.outcome, 'refused');
    assert.match(refused.reason ?? '', reason);
    assert.deepEqual(await published(), before);
    const accepted = await run({ run: '2026-11-24T02-00-00Z', options: { acceptDrop: true } });
    assert.equal(accepted.outcome, 'published');
    // Later releases are compared with the accepted one.
    api.change = (rows, path) => inOtherRounds(change(rows, path));
    assert.equal((await run()).outcome, 'published');
  });
}

test('every row twice is refused in a first release too', async (t) => {
  const { api, run } = await startRuns(t, 0.004);
  api.change = (rows) => [...rows, ...rows];
  const { outcome, reason } = await run();
  assert.equal(outcome, 'refused');
  assert.match(reason ?? '', /has every row twice/);
});

test('two losses of 17 percent in a row: the second is refused against the largest count', async (t) => {
  const { api, run, published } = await startRuns(t, 0.05);
  await run();
  const first = await published();
  api.change = (rows) => keepShare(0.83)(rows);
  assert.equal((await run()).outcome, 'published');
  api.change = (rows) => keepShare(0.83 * 0.83)(rows);
  const { outcome, reason } = await run();
  assert.equal(outcome, 'refused');
  assert.match(reason ?? '', new RegExp(`admin2 fell from ${first?.admin2} rows \\(\\S+\\.1\\) to \\d+`));
});

test('small units that double are published', async (t) => {
  const { api, run } = await startRuns(t, 0.004);
  await run();
  api.change = (rows) => [...rows, ...inOtherRounds(rows)];
  assert.equal((await run()).outcome, 'published');
});

test('a first release without rows is refused if units failed, even with --max-failed 100', async (t) => {
  const world = await simulator(t, { faults: THREE.map((country) => `dead@${country}`) });
  const folder = await temporaryFolder(t);
  const options = { maxFailed: 100, acceptDrop: true };
  const dead = await exportInto({ folder, url: world.url, options });
  assert.equal(dead.outcome, 'refused');
  assert.match(dead.reason ?? '', /no unit has brought a row, and a first release is never empty/);
  assert.equal((await readCurrent(folderStore(folder))).pointer, null);
  // Without failed units, a release without rows is published.
  const { api, run } = await startRuns(t, 0.004);
  api.change = () => [];
  assert.equal((await run()).outcome, 'published');
});
