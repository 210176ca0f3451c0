// The age of a unit counts from its last own answer. Carrying and keeping do not renew it. Above a limit it becomes a
// warning wherever gaps are shown.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import { readStatus } from '../../lib/catalogue/status.ts';
import { checkedUnits, overdueUnits, unitsWithoutAnswer, withAges } from '../../lib/release/unit-ages.ts';
import { measureRun } from '../../lib/run/outcome/metrics.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { type ExportSetting, exportInto, runInThisProcess, simulator, temporaryFolder } from '../setting.ts';

const DAY = 24 * 60 * 60 * 1000;
const START = Date.parse('2026-05-01T05:00:00Z');

/** Starts a simulator and returns functions that run exports on given days, by a mocked clock. */
async function startDatedRuns(t: TestContext) {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const onDay = async <T>(day: number, work: () => Promise<T>): Promise<T> => {
    t.mock.timers.enable({ apis: ['Date'], now: START + day * DAY });
    try {
      return await work();
    } finally {
      t.mock.timers.reset();
    }
  };
  const run = (day: number, more: Partial<ExportSetting> = {}) => {
    const id = `${new Date(START + day * DAY).toISOString().slice(0, 10)}T05-00-00Z`;
    const options = { maxFailed: 50 };
    return onDay(day, () => exportInto({ folder, url: world.url, run: id, levels: [0], options, ...more }));
  };
  const status = (day: number) => onDay(day, () => runInThisProcess(['status', folder, '--json']));
  return { world, folder, store: folderStore(folder), onDay, run, status };
}

test('a country without an answer for 200 days: all reports give the date of its last answer', async (t) => {
  const { world, folder, store, onDay, run, status } = await startDatedRuns(t);
  const first = await run(0);
  assert.deepEqual(first.warnings, []);
  // Sudan answers once more without a changed row. This is its last answer.
  assert.equal((await run(10)).outcome, 'unchanged');
  world.setFaults(['dead@SDN']);
  const unchanged = await run(30);
  assert.deepEqual([unchanged.outcome, unchanged.units.carried, unchanged.warnings], ['unchanged', 1, []]);
  const late = await run(210);
  assert.deepEqual(late.warnings, [
    '1 unit has had no answer for 30 days or more (--max-age): admin0/SDN, last answered 2026-05-11, 200 days ago',
  ]);
  const { exit, stdout, stderr } = await status(210);
  const { gaps, overdue } = JSON.parse(stdout);
  assert.deepEqual(
    [exit, gaps.length, gaps[0].status, gaps[0].country, gaps[0].age_days, overdue.length],
    [0, 1, 'carried', 'SDN', 200, 1],
  );
  assert.match(gaps[0].reason, /500/);
  assert.match(stderr, /warning: 1 unit has had no answer for 30 days/);
  const text = await onDay(210, () => runInThisProcess(['status', folder, '--max-age', '300']));
  assert.match(text.stdout, /^gaps {9}admin0\/SDN carried, last answered 2026-05-11, 200 days ago$/m);
  assert.equal(text.stderr, '');

  // A release published meanwhile gives the date too.
  world.setFaults(['dead@SDN', 'changed@AFG']);
  const second = await run(211);
  assert.equal(second.outcome, 'published');
  const { manifest } = await readCurrent(store);
  const unit = manifest?.coverage.units.find(({ country, level }) => country === 'SDN' && level === 0);
  assert.deepEqual([unit?.status, unit?.fetched_at?.slice(0, 10)], ['carried', '2026-05-01']);
  const [listed] = await readReleases(store);
  assert.deepEqual(listed?.gaps, { carried: 1, failed: 0, oldest_answer: unit?.fetched_at });
  assert.match(
    await readFile(join(folder, 'feed.xml'), 'utf8'),
    /earlier rows stand in for 1 unit \(a country at one level\); the oldest is of 2026-05-01\./,
  );
  assert.match(
    await readFile(join(folder, 'index.html'), 'utf8'),
    /The oldest answer behind these figures is of <time datetime="2026-05-01">/,
  );
  const plan = JSON.parse(await readFile(join(folder, `runs/${manifest?.run}/plan.json`), 'utf8'));
  const context = { store, now: () => new Date(START + 211 * DAY) } as Parameters<typeof measureRun>[0];
  const metrics = await measureRun(context, plan, { outcome: second, reports: [] });
  assert.equal(metrics.oldestAnswerDays, 201);
});

test('a run of another country keeps the gap, and a new answer closes it', async (t) => {
  const { world, store, run } = await startDatedRuns(t);
  await run(0);
  world.setFaults(['dead@SDN', 'changed@AFG']);
  await run(40);
  world.setFaults(['dead@SDN', 'changed@TCD']);
  const partial = await run(41, { countries: ['TCD'] });
  assert.deepEqual([partial.units.carried, partial.warnings.length], [1, 1]);
  const ages = async (day: number) => {
    const [status, { manifest }] = [await readStatus(store), await readCurrent(store)];
    return withAges(checkedUnits(manifest, status), new Date(START + day * DAY));
  };
  const [gap] = unitsWithoutAnswer(await ages(41));
  assert.deepEqual([gap?.country, gap?.status, gap?.age_days], ['SDN', 'carried', 41]);
  assert.match(gap?.reason ?? '', /500/);
  world.setFaults([]);
  const whole = await run(42);
  assert.deepEqual([whole.units.carried, whole.warnings], [0, []]);
  assert.deepEqual(unitsWithoutAnswer(await ages(42)), []);
  assert.deepEqual(overdueUnits(await ages(42), 1), []);
});

test('a unit not requested keeps the gap of the last check, even if the release has no gap', async (t) => {
  const { world, store, run } = await startDatedRuns(t);
  await run(0);
  world.setFaults(['dead@SDN']);
  assert.equal((await run(40)).outcome, 'unchanged');
  await run(41, { countries: ['TCD'] });
  const status = await readStatus(store);
  const unit = status?.units?.find(({ country }) => country === 'SDN');
  assert.deepEqual([unit?.status, unit?.answered_at?.slice(0, 10)], ['carried', '2026-05-01']);
});

test('a refused run records in status.json when each unit was last answered', async (t) => {
  const { world, store, run } = await startDatedRuns(t);
  await run(0);
  world.setFaults(['dead@SDN']);
  const refused = await run(35, { options: { maxFailed: 0 } });
  assert.equal(refused.outcome, 'refused');
  const units = new Map((await readStatus(store))?.units?.map((unit) => [unit.country, unit]));
  assert.equal(units.get('SDN')?.answered_at?.slice(0, 10), '2026-05-01');
  assert.equal(units.get('AFG')?.answered_at?.slice(0, 10), '2026-06-05');
});

test('a run over another country keeps what the last check said of a unit, not what the manifest says', async (t) => {
  const { world, store, run } = await startDatedRuns(t);
  await run(0);
  world.setFaults(['dead@SDN', 'changed@TCD']);
  assert.equal((await run(1)).outcome, 'published');
  world.setFaults(['changed@TCD']);
  assert.equal((await run(2)).outcome, 'unchanged');
  const statusOfSudan = async () =>
    (await readStatus(store))?.units?.find(({ country }) => country === 'SDN')?.status;
  assert.equal(await statusOfSudan(), 'ok');
  await run(3, { countries: ['TCD'] });
  assert.equal(await statusOfSudan(), 'ok');
});
