// What is more likely a fault of the API than the truth stops a release until it is accepted: units that lost much,
// doubled, or have every row twice, against the largest that the recent releases had.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { type ExportSetting, exportInto, simulator, temporaryFolder } from '../setting.ts';
import { relay } from './start-changing-proxy.ts';

type Rows = Record<string, unknown>[];
/** What becomes of an answer's rows; the path says of which question. */
type Change = (rows: Rows, path: string) => Rows;

interface Between {
  change: Change;
}

/** An API whose rows are changed on their way. */
function changing(t: TestContext, to: string, between: Between): Promise<string> {
  return relay(t, to, ({ path, body }) => {
    if (!path.includes('admin')) return {};
    const envelope = JSON.parse(body.toString());
    const result = between.change(envelope.result ?? [], path);
    const counts = { statusCode: result.length > 0 ? 200 : 204, totalRecordsCount: result.length };
    return { body: Buffer.from(JSON.stringify({ ...envelope, ...counts, result })) };
  });
}

const THREE = ['AFG', 'SDN', 'TCD'];

async function scene(t: TestContext, scale = 0.02) {
  const world = await simulator(t, { scale });
  const between: Between = { change: (rows) => rows };
  const url = await changing(t, world.url, between);
  const folder = await temporaryFolder(t);
  let hour = 0;
  const run = (more: Partial<ExportSetting> = {}) => {
    hour++;
    const id = `2026-11-24T${String(hour).padStart(2, '0')}-00-00Z`;
    return exportInto({ folder, url, countries: THREE, run: id, ...more });
  };
  const published = async () => (await readCurrent(folderStore(folder))).pointer?.rows;
  return { between, folder, run, published };
}

const where =
  (what: string, change: (rows: Rows) => Rows): Change =>
  (rows, path) =>
    path.includes(what) ? change(rows) : rows;

const keep = (share: number) => (rows: Rows) => rows.slice(0, Math.floor(rows.length * share));
/** Other rows of the same unit: the same places in rounds that there never were. */
const more = (rows: Rows): Rows =>
  rows.map((row) => ({ ...row, roundNumber: (row.roundNumber as number) + 1000 }));

const CASES: { name: string; change: Change; reason: RegExp }[] = [
  {
    name: 'a level of all countries without rows',
    change: where('admin2', () => []),
    reason:
      /admin2 fell from \d+ rows \(\S+\) to 0, .*admin2\/AFG has none of \d+ rows \(\S+\), admin2\/SDN has none of .*: if that is right, publish with --run 2026-11-24T02-00-00Z --accept-drop/,
  },
  {
    name: 'one unit without rows, in a table that hardly shrinks',
    change: where('admin0', (rows) => (rows[0]?.admin0Pcode === 'TCD' ? [] : rows)),
    reason: /admin0\/TCD has none of \d+ rows \(\S+\)/,
  },
  {
    name: 'one unit that lost half of its rows',
    change: where('admin1', (rows) => (rows[0]?.admin0Pcode === 'AFG' ? keep(0.5)(rows) : rows)),
    reason: /admin1\/AFG fell from \d+ rows \(\S+\) to \d+/,
  },
  {
    name: 'a unit that doubled',
    change: where('admin2', (rows) => (rows[0]?.admin0Pcode === 'SDN' ? [...rows, ...more(rows)] : rows)),
    reason: /admin2\/SDN grew from \d+ rows \(\S+\) to \d+/,
  },
  {
    name: 'every row twice',
    change: (rows) => [...rows, ...rows],
    reason: /admin0\/AFG has every row twice or more often \(\d+ rows of \d+ kinds\)/,
  },
];

for (const { name, change, reason } of CASES) {
  test(`${name}: refused by name, and published once it is accepted`, async (t) => {
    const { between, run, published } = await scene(t);
    await run();
    const before = await published();
    between.change = change;
    const refused = await run();
    assert.equal(refused.outcome, 'refused');
    assert.match(refused.reason ?? '', reason);
    assert.deepEqual(await published(), before);
    const accepted = await run({ run: '2026-11-24T02-00-00Z', options: { acceptDrop: true } });
    assert.equal(accepted.outcome, 'published');
    // From here on the accepted release is what others are held against.
    between.change = (rows, path) => more(change(rows, path));
    assert.equal((await run()).outcome, 'published');
  });
}

test('every row twice is refused in a first release, too', async (t) => {
  const { between, run } = await scene(t, 0.004);
  between.change = (rows) => [...rows, ...rows];
  const { outcome, reason } = await run();
  assert.equal(outcome, 'refused');
  assert.match(reason ?? '', /has every row twice/);
});

test('17 percent lost a run: refused at the second, since the largest of the recent releases counts', async (t) => {
  const { between, run, published } = await scene(t, 0.05);
  await run();
  const first = await published();
  between.change = (rows) => keep(0.83)(rows);
  assert.equal((await run()).outcome, 'published');
  between.change = (rows) => keep(0.83 * 0.83)(rows);
  const { outcome, reason } = await run();
  assert.equal(outcome, 'refused');
  assert.match(reason ?? '', new RegExp(`admin2 fell from ${first?.admin2} rows \\(\\S+\\.1\\) to \\d+`));
});

test('a young unit may double, and new rounds of all are no reason to stop', async (t) => {
  const { between, run } = await scene(t, 0.004);
  await run();
  between.change = (rows) => [...rows, ...more(rows)];
  assert.equal((await run()).outcome, 'published');
});

test('a first release without a single row is refused where answers are missing, whatever share of failures is borne', async (t) => {
  const world = await simulator(t, { faults: THREE.map((country) => `dead@${country}`) });
  const folder = await temporaryFolder(t);
  const options = { maxFailed: 100, acceptDrop: true };
  const dead = await exportInto({ folder, url: world.url, options });
  assert.equal(dead.outcome, 'refused');
  assert.match(dead.reason ?? '', /no unit has brought a row, and a first release is never empty/);
  assert.equal((await readCurrent(folderStore(folder))).pointer, null);
  // That there are none, of all that was asked for, is an answer.
  const { between, run } = await scene(t, 0.004);
  between.change = () => [];
  assert.equal((await run()).outcome, 'published');
});
