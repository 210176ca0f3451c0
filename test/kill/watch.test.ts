// A watcher is killed at every step of the turn that runs its command, and started again. Each process kills itself with
// SIGKILL. The command must run to its end at least once for the release, never twice at once, and never after that.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import pMap from 'p-map';
import { readState } from '../../lib/read/watch/state.ts';
import { publish, watchSetting } from '../read/watch/watched-dataset.ts';
import type { WatchDeath, WatchOrders, WatchStep } from './watch-and-die.ts';

const PROGRAM = join(import.meta.dirname, 'watch-and-die.ts');

/** The command writes its start and, after a while, its end. Its process survives the watcher's death. */
const LINE = 'echo "start $DTM_EVENT_ID $DTM_ATTEMPT" >> "$LOG"; sleep 0.3; echo end >> "$LOG"';

interface Finished {
  readonly signal: string | null;
  readonly outcome: string | null;
  readonly steps: Record<WatchStep, number>;
}

function runWatcher(orders: WatchOrders, log: string): Promise<Finished> {
  const env = { ...process.env, LOG: log, NODE_V8_COVERAGE: '' };
  return new Promise((done) => {
    execFile(process.execPath, [PROGRAM, JSON.stringify(orders)], { env }, (error, stdout, stderr) => {
      if (error && error.signal !== 'SIGKILL') assert.fail(stderr);
      done({
        signal: error?.signal ?? null,
        ...(stdout ? JSON.parse(stdout) : { outcome: null, steps: null }),
      });
    });
  });
}

/** Runs watchers until one finds nothing to do, and returns their outcomes. */
async function watchToTheEnd(orders: WatchOrders, log: string): Promise<(string | null)[]> {
  const outcomes: (string | null)[] = [];
  while (outcomes.at(-1) !== 'nothing') {
    assert.ok(outcomes.length < 40, outcomes.join());
    outcomes.push((await runWatcher({ ...orders, death: null }, log)).outcome);
    if (outcomes.at(-1) === 'busy') await setTimeout(50);
  }
  return outcomes;
}

const describeDeath = ({ kind, at, when }: WatchDeath): string => `${when} ${kind} ${at}`;

test('a watcher that is killed at any step runs the command to its end, at least once and one at a time', async (t) => {
  const { folder, store, watcher } = await watchSetting(t);
  await publish(store, null);
  const scratch = join(watcher.statePath, '..');
  const first = { folder, statePath: join(scratch, 'first.json'), line: 'true', death: null };
  await runWatcher(first, join(scratch, 'none'));
  const release = await publish(store, ['HTI']);

  const ordersOf = async (name: string): Promise<WatchOrders> => {
    const statePath = join(scratch, `${name.replaceAll(' ', '-')}.json`);
    await copyFile(first.statePath, statePath);
    return { folder, statePath, line: LINE, death: null };
  };
  const undisturbed = await runWatcher(await ordersOf('whole'), join(scratch, 'whole.log'));
  assert.equal(undisturbed.outcome, 'ran');
  assert.deepEqual(
    Object.entries(undisturbed.steps).filter(([, count]) => count === 0),
    [],
  );
  const deaths = Object.entries(undisturbed.steps).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, index) => index + 1).flatMap((at) =>
      (['before', 'after'] as const).map((when) => ({ kind: kind as WatchStep, at, when })),
    ),
  );
  assert.ok(deaths.length >= 18, `${deaths.length} deaths`);
  const attempts: Record<string, number> = {};
  await pMap(
    deaths,
    async (death) => {
      const name = describeDeath(death);
      const [orders, log] = [await ordersOf(name), join(scratch, `${name.replaceAll(' ', '-')}.log`)];
      await writeFile(log, '');
      const killed = await runWatcher({ ...orders, death }, log);
      assert.equal(killed.signal, 'SIGKILL', name);
      readState(orders.statePath, folder);
      const outcomes = await watchToTheEnd(orders, log);
      const lines = String(await readFile(log))
        .trim()
        .split('\n');
      const starts = lines.filter((_, index) => index % 2 === 0);
      assert.deepEqual(
        lines.filter((_, index) => index % 2 === 1),
        starts.map(() => 'end'),
        `${name}: ${lines}: one at a time`,
      );
      assert.ok(starts.length === 1 || starts.length === 2, `${name}: ${lines}`);
      for (const start of starts) assert.match(start, new RegExp(`^start published/${release} [12]$`), name);
      assert.deepEqual([...new Set(starts)], starts, `${name}: an attempt has its own number`);
      const { seen, pending, ran } = readState(orders.statePath, folder);
      assert.deepEqual([seen?.release, pending, ran], [release, null, release], `${name}: ${outcomes}`);
      attempts[name] = starts.length;
    },
    { concurrency: 2 },
  );
  // Before the word to the shell nothing has begun, so nothing is repeated. After the last state nothing is left.
  const repeated = Object.keys(attempts).filter((name) => attempts[name] === 2);
  assert.deepEqual(repeated.sort(), ['after end 1', 'after word 1', 'before end 1', 'before state 2']);
});
