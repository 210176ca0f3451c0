// Real processes that end or pause while it is their turn.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { parseOutcome } from '../chaos/check-outcomes.ts';
import { environment, exportArgs } from '../chaos/plan-commands.ts';
import { runExporter, type SignalPlan } from '../chaos/run-exporter.ts';
import { ageLease, readLease } from '../lease.ts';
import { simulator, temporaryFolder } from '../setting.ts';
import { waitFor } from '../wait-for.ts';

const FIRST = '2026-11-24T05-00-00Z';
const SECOND = '2026-11-24T06-00-00Z';

async function setUp(t: TestContext) {
  const [folder, world] = [await temporaryFolder(t), await simulator(t, { faults: ['latency=400'] })];
  const run = (id: string, signals: SignalPlan | [] = []) =>
    runExporter(exportArgs(folder, id, ['TCD']), signals, { env: environment(world.url) });
  /** Waits until the first run has asked for a unit. */
  const isAsking = () => waitFor('three requests', () => world.requests.length >= 3, { interval: 10 });
  return { folder, run, isAsking };
}

test('a run that was killed holds up no other run, not for a moment', async (t) => {
  const { folder, run, isAsking } = await setUp(t);
  const killed = await run(FIRST, async (send) => {
    await isAsking();
    send('SIGKILL');
  });
  assert.equal(killed.signal, 'SIGKILL');
  assert.equal((await readLease(folder)).released_at, null);
  const next = await run(SECOND);
  assert.deepEqual([next.exit, parseOutcome(next)?.outcome], [0, 'published'], next.stderr);
});

test('a run that was stopped with Ctrl-C gives its turn back', async (t) => {
  const { folder, run, isAsking } = await setUp(t);
  await run(FIRST, async (send) => {
    await isAsking();
    send('SIGINT');
  });
  assert.ok((await readLease(folder)).released_at);
});

test('a paused run keeps its turn for 20 minutes; then another publishes, and both end well', async (t) => {
  const { folder, run, isAsking } = await setUp(t);
  const outcomes: (string | undefined)[] = [];
  const paused = await run(FIRST, async (send) => {
    await isAsking();
    send('SIGSTOP');
    for (const minutes of [0, 21]) {
      await ageLease(folder, minutes);
      const other = await run(SECOND);
      assert.equal(other.exit, 0, other.stderr);
      outcomes.push(parseOutcome(other)?.outcome);
      assert.equal(existsSync(join(folder, 'latest.json')), minutes > 0);
    }
    send('SIGCONT');
  });
  assert.deepEqual(outcomes, ['skipped', 'published']);
  assert.deepEqual([paused.exit, parseOutcome(paused)?.outcome], [0, 'unchanged'], paused.stderr);
  const store = folderStore(folder);
  assert.equal((await readReleases(store)).length, 1);
  assert.deepEqual((await verifyRelease(store)).problems, []);
});
