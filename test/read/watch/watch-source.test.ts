// The watcher's loop: when it asks, what it does with failures, and one watcher at a time. The clock is a fake one.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ConfigurationError } from '../../../lib/environment/configuration.ts';
import type { Turn } from '../../../lib/read/watch/turn.ts';
import {
  type FailedTurn,
  SYSTEM_CLOCK,
  type WatchClock,
  watchSource,
  withWatchLock,
} from '../../../lib/read/watch/watch-source.ts';
import { StoreError } from '../../../lib/store/store.ts';
import { publish, turnOptions, type WatchSetting, watchSetting } from './watched-dataset.ts';

/** A clock whose time passes only while the watcher sleeps; `pass` says how much of a sleep passes on each clock. */
function fakeClock(pass: (sleep: number, at: number) => { wall: number; monotonic: number }) {
  const now = { wall: 1e12, monotonic: 0 };
  const sleeps: number[] = [];
  const clock: WatchClock = {
    wall: () => now.wall,
    monotonic: () => now.monotonic,
    sleep: async (milliseconds) => {
      sleeps.push(milliseconds);
      const { wall, monotonic } = pass(milliseconds, sleeps.length);
      now.wall += wall;
      now.monotonic += monotonic;
      await setTimeout(0);
    },
  };
  return { clock, sleeps };
}

const evenly = (sleep: number) => ({ wall: sleep, monotonic: sleep });

/** Watches for so many turns, with `each` before every turn but the first. */
async function watchFor(
  turns: number,
  { watcher }: WatchSetting,
  options: { clock: WatchClock; every?: number; each?: (turn: number) => Promise<unknown> },
): Promise<(Turn | FailedTurn)[]> {
  const { clock, every = 3600, each } = options;
  const stop = new AbortController();
  const seen: (Turn | FailedTurn)[] = [];
  let work = Promise.resolve();
  const onTurn = (turn: Turn | FailedTurn): void => {
    seen.push(turn);
    if (seen.length === turns) stop.abort();
    else work = Promise.resolve(each?.(seen.length)).then(() => {});
  };
  const sleep: WatchClock['sleep'] = async (...args) => {
    await work;
    await clock.sleep(...args);
  };
  await watchSource(watcher, { ...turnOptions(stop.signal), every, clock: { ...clock, sleep }, onTurn });
  return seen;
}

test('the loop asks again after the interval, in sleeps of at most 30 seconds', async (t) => {
  const setting = await watchSetting(t);
  await publish(setting.store, null);
  const { clock, sleeps } = fakeClock(evenly);
  const turns = await watchFor(3, setting, {
    ...{ clock, every: 100 },
    each: (turn) => (turn === 2 ? publish(setting.store, ['HTI']) : Promise.resolve()),
  });
  assert.deepEqual(
    turns.map(({ outcome }) => outcome),
    ['ran', 'nothing', 'ran'],
  );
  assert.deepEqual(sleeps, [30_000, 30_000, 30_000, 10_000, 30_000, 30_000, 30_000, 10_000]);
});

test('after the sleep of a machine the loop asks at once: the wall clock has gone on, the timer has not', async (t) => {
  const { clock, sleeps } = fakeClock((sleep, at) => ({
    wall: at === 2 ? 8 * 3_600_000 : sleep,
    monotonic: sleep,
  }));
  await watchFor(2, await watchSetting(t), { clock });
  assert.equal(sleeps.length, 2);
});

test('a wall clock that is set back does not delay a turn', async (t) => {
  const { clock, sleeps } = fakeClock((sleep, at) => ({
    wall: at === 1 ? -365 * 86_400_000 : sleep,
    monotonic: sleep,
  }));
  await watchFor(2, await watchSetting(t), { clock, every: 60 });
  assert.deepEqual(sleeps, [30_000, 30_000]);
});

test('a source that fails is a turn with the reason, and the loop goes on', async (t) => {
  const setting = await watchSetting(t);
  await publish(setting.store, null);
  let gets = 0;
  const getIfChanged: typeof setting.store.getIfChanged = (...args) => {
    gets++;
    if (gets < 3) throw new StoreError('latest.json', 'no network');
    return setting.store.getIfChanged(...args);
  };
  const watcher = { ...setting.watcher, store: { ...setting.store, getIfChanged } };
  const turns = await watchFor(3, { ...setting, watcher }, { clock: fakeClock(evenly).clock });
  assert.deepEqual(turns.slice(0, 2), Array(2).fill({ outcome: 'unreachable', reason: 'no network' }));
  assert.equal(turns[2]?.outcome, 'ran');
});

test('a damaged state ends the loop, and a mistake in the program is not taken for a failure', async (t) => {
  const setting = await watchSetting(t);
  await writeFile(setting.watcher.statePath, '{');
  const { clock } = fakeClock(evenly);
  await assert.rejects(watchFor(1, setting, { clock }), ConfigurationError);
  const getIfChanged = () => Promise.reject(new TypeError('a mistake'));
  const statePath = join(setting.folder, 'none.json');
  const watcher = { ...setting.watcher, statePath, store: { ...setting.store, getIfChanged } };
  await assert.rejects(watchFor(1, { ...setting, watcher }, { clock }), TypeError);
});

test("the sleep of the machine's clock ends at an abort", async () => {
  const stop = new AbortController();
  const sleeping = SYSTEM_CLOCK.sleep(60_000, stop.signal);
  stop.abort();
  await sleeping;
});

test('while one watcher has the lock another one, of this process or another, does not work', async (t) => {
  const { watcher } = await watchSetting(t);
  const { statePath } = watcher;
  const script = `
    const { withWatchLock } = await import(${JSON.stringify(import.meta.resolve('../../../lib/read/watch/watch-source.ts'))});
    console.log(await withWatchLock(process.argv[1], async () => 'worked'));`;
  const other = async () => {
    const args = ['--input-type=module', '-e', script, statePath];
    return (await promisify(execFile)(process.execPath, args)).stdout.trim();
  };
  const inside = await withWatchLock(statePath, async () => [
    await withWatchLock(statePath, async () => 'worked'),
    await other(),
  ]);
  assert.deepEqual(inside, [null, 'null']);
  assert.equal(await other(), 'worked');
});
