// `changes.json` and the change tables, compared with the two releases.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCurrent } from '../../../lib/catalogue/pointer.ts';
import type { ChangesSummary } from '../../../lib/make/changes/summary.ts';
import { folderStore } from '../../../lib/store/folder/folder-store.ts';
import { duckdb, type ExportSetting, exportInto, simulator, temporaryFolder } from '../../setting.ts';

const RUNS = ['2026-11-24T05-00-00Z', '2026-11-24T06-00-00Z'] as const;
type Test = Parameters<typeof temporaryFolder>[0];

/** Publishes a release, changes the world by `faults`, publishes again, and gives the changes of the second release. */
async function publishTwice(t: Test, faults: string[], setting: Partial<ExportSetting> = {}) {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const first = await exportInto({ folder, url: world.url, run: RUNS[0], ...setting });
  world.setFaults(faults);
  const options = { acceptDrop: true };
  const second = await exportInto({ folder, url: world.url, run: RUNS[1], options, ...setting });
  const root = join(folder, 'releases', second.release as string);
  const { manifest } = await readCurrent(folderStore(folder));
  const read = async () =>
    JSON.parse(await readFile(join(root, 'changes/changes.json'), 'utf8')) as ChangesSummary;
  return { folder, root, first, second, manifest, read };
}

test('the first release has no changes and no change files', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const { changes } = await exportInto({ folder, url });
  assert.equal(changes, null);
  const { manifest } = await readCurrent(folderStore(folder));
  assert.equal(manifest?.changes, null);
  assert.ok(!manifest?.files.some(({ path }) => path.startsWith('changes/')));
});

test('one changed figure is one changed row in each table, with its persons', async (t) => {
  const { root, read, first, second, manifest } = await publishTwice(t, ['changed=1000@AFG']);
  const summary = await read();
  assert.deepEqual([summary.release, summary.supersedes], [second.release, first.release]);
  assert.deepEqual(second.changes, { added: 0, removed: 0, changed: 3, relabelled: 0 });
  assert.deepEqual(manifest?.changes, { ...second.changes, countries: ['AFG'] });
  for (const { table, country, changed, added } of summary.countries) {
    assert.equal(country, 'AFG', table);
    assert.equal(changed.rows, 1, table);
    assert.equal(Math.abs(changed.persons), 1000, table);
    assert.equal(added.rows, 0, table);
  }
  assert.equal(summary.countries.length, 3);
  const [operation] = summary.operations;
  assert.deepEqual([operation?.on_new_dates.rows, operation?.on_past_dates.rows], [0, 1]);
  const [row] = await duckdb(`
    SELECT change, admin0_pcode, abs(new_num_present_idp_ind - old_num_present_idp_ind)::INTEGER AS persons
    FROM '${root}/changes/admin1.parquet'`);
  assert.deepEqual(row, { change: 'changed', admin0_pcode: 'AFG', persons: 1000 });
});

test('rows of a new round are on new dates, rows of a backfilled round on past dates', async (t) => {
  const newRound = await (await publishTwice(t, ['new-round@TCD'])).read();
  const { added, removed, changed, relabelled, tables } = newRound;
  assert.ok(added > 0 && removed === 0 && changed === 0, JSON.stringify(tables));
  assert.ok(relabelled > 0);
  for (const { on_new_dates, on_past_dates, added } of newRound.operations) {
    assert.equal(on_new_dates.rows, added.rows);
    assert.equal(on_past_dates.rows, 0);
  }
  const backfilled = await (await publishTwice(t, ['new-round=2010-01-31@TCD'])).read();
  assert.ok(backfilled.added > 0);
  assert.ok(backfilled.operations.every((operation) => operation.on_new_dates.rows === 0));
});

test('rows added minus rows removed equals the growth of each table', async (t) => {
  const { read, first, second } = await publishTwice(t, ['new-round@TCD', 'changed@SDN']);
  for (const { table, added, removed } of (await read()).tables)
    assert.equal(added.rows - removed.rows, (second.rows?.[table] ?? 0) - (first.rows?.[table] ?? 0), table);
});

test('an operation with the same rows under another name counts as renamed', async (t) => {
  const { read } = await publishTwice(t, ['renamed=Another name@TCD']);
  const { renamed, appeared, vanished, added, removed } = await read();
  assert.equal(renamed.length, 1);
  assert.deepEqual([renamed[0]?.country, renamed[0]?.to], ['TCD', 'Another name']);
  assert.deepEqual([appeared.operations, vanished.operations], [[], []]);
  assert.equal(added, removed);
});

test('an operation that changed its name and its rows counts as vanished and appeared', async (t) => {
  const { read } = await publishTwice(t, ['renamed=Another name@TCD', 'changed@TCD']);
  const { renamed, appeared, vanished } = await read();
  assert.deepEqual(renamed, []);
  assert.deepEqual(appeared.operations, [{ country: 'TCD', operation: 'Another name' }]);
  assert.equal(vanished.operations.length, 1);
});

test('a country without rows counts as vanished, with its operations and persons', async (t) => {
  const { read, first, second } = await publishTwice(t, ['gone@AFG'], { countries: null, levels: [0] });
  const summary = await read();
  assert.deepEqual(summary.vanished.countries, ['AFG']);
  assert.ok(summary.vanished.operations.length > 0);
  assert.equal(
    summary.removed,
    Object.values(first.rows ?? {}).reduce((a, b) => a + b) -
      Object.values(second.rows ?? {}).reduce((a, b) => a + b),
  );
  assert.ok(summary.countries.every(({ removed }) => removed.persons > 0));
});

test('a reissued release without changes reports no changes', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url: world.url, run: RUNS[0] });
  world.setFaults(['renumber']);
  const second = await exportInto({ folder, url: world.url, run: RUNS[1], options: { reissue: true } });
  assert.deepEqual(second.changes, { added: 0, removed: 0, changed: 0, relabelled: 0 });
  const empty = `${folder}/releases/${second.release}/changes/admin2.parquet`;
  assert.deepEqual(await duckdb(`SELECT count(*)::INTEGER AS n FROM '${empty}'`), [{ n: 0 }]);
});
