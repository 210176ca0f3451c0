// The move of the pointer decides the outcome of a run, whatever fails before, during or after it.
import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import { readStatus } from '../../lib/catalogue/status.ts';
import { outcomeExit, outcomeJson } from '../../lib/cli/outcome.ts';
import { withdrawRelease } from '../../lib/retire/withdraw.ts';
import type { Outcome } from '../../lib/run/outcome/outcome.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { type Store, StoreError } from '../../lib/store/store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { ageLease } from '../lease.ts';
import { exportInto, simulator, temporaryFolder } from '../setting.ts';

const RUNS = ['2026-11-24T05-00-00Z', '2026-11-24T06-00-00Z'] as const;
const SMALL = { levels: [0], countries: ['TCD'] } as const;
/** Of the operations before the pointer moves, every 17th is tested. */
const STEP_BEFORE_POINTER = 17;
const OPERATIONS = ['get', 'head', 'put', 'list', 'listFolders', 'delete'] as const;

/** A store whose `at`-th operation (or, if `lasts`, each from it on) fails before or after it is carried out. */
function failing(store: Store, at: number, { when, lasts }: { when: 'before' | 'after'; lasts: boolean }) {
  let [count, pointer] = [0, 0];
  const wrap =
    <A extends [string, ...never[]], R>(operation: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      count++;
      if ((operation as unknown) === store.put && args[0] === 'latest.json') pointer = count;
      const fails = count === at || (lasts && count > at);
      if (fails && when === 'before') throw new StoreError(args[0], 'failed on purpose');
      const result = await operation(...args);
      if (fails) throw new StoreError(args[0], 'failed on purpose');
      return result;
    };
  const wrapped = Object.fromEntries(OPERATIONS.map((name) => [name, wrap(store[name] as never)]));
  return { store: { ...store, ...wrapped } as Store, count: () => count, pointer: () => pointer };
}

interface PublishedFolder {
  readonly url: string;
  readonly before: string;
  readonly scratch: string;
  readonly release: string;
}

/** Publishes one release into a folder, then changes a figure of the simulator. */
async function publishThenChange(t: TestContext): Promise<PublishedFolder> {
  const world = await simulator(t);
  const scratch = await temporaryFolder(t);
  const before = join(scratch, 'before');
  const { release } = await exportInto({ folder: before, url: world.url, run: RUNS[0], ...SMALL });
  world.setFaults(['changed@TCD']);
  return { url: world.url, before, scratch, release: release as string };
}

/** Compares outcome, exit status and JSON with the pointer. */
async function checkOutcome(
  folder: string,
  outcome: Outcome | Error,
  name: string,
  release: string,
): Promise<void> {
  const store = folderStore(folder);
  const { pointer } = await readCurrent(store);
  const isMoved = pointer?.release !== release;
  if (outcome instanceof Error) {
    if (outcome.name === 'UnknownOutcomeError') return;
    assert.equal(isMoved, false, `${name}: ended with an error although published: ${outcome.message}`);
    return;
  }
  assert.equal(outcome.outcome, isMoved ? 'published' : 'unchanged', name);
  assert.deepEqual([outcome.release, outcome.rows], [pointer?.release, pointer?.rows], name);
  const json = JSON.parse(outcomeJson(outcome, 1));
  assert.deepEqual([json.outcome, json.release], [outcome.outcome, pointer?.release], name);
  assert.equal(outcomeExit(outcome), outcome.unfinished.length > 0 ? 3 : 0, name);
  for (const step of outcome.unfinished) assert.match(step, /^\w+: .*failed on purpose/, name);
}

for (const when of ['before', 'after'] as const) {
  for (const lasts of [false, true]) {
    test(`store fails ${when} an operation${lasts ? ' and from then on' : ''}: the pointer decides the outcome`, async (t) => {
      const { url, before, scratch, release } = await publishThenChange(t);
      const folder = join(scratch, 'failing');
      await cp(before, folder, { recursive: true });
      const whole = failing(folderStore(folder), Number.POSITIVE_INFINITY, { when, lasts });
      await exportInto({ folder, url, run: RUNS[1], ...SMALL, store: whole.store });
      const ends = new Map<string, number>();
      // Each operation from the pointer on, and some before it. `test/kill` kills a process at each.
      const tested = Array.from({ length: whole.count() }, (_, index) => index + 1).filter(
        (at) => at >= whole.pointer() - 2 || at % STEP_BEFORE_POINTER === 1,
      );
      for (const at of tested) {
        await rm(folder, { recursive: true });
        await cp(before, folder, { recursive: true });
        const { store } = failing(folderStore(folder), at, { when, lasts });
        const name = `${when} operation ${at}`;
        const outcome = await exportInto({ folder, url, run: RUNS[1], ...SMALL, store }).catch(
          (error) => error,
        );
        await checkOutcome(folder, outcome, name, release);
        const end =
          outcome instanceof Error ? 'failed' : `${outcome.outcome} ${outcome.unfinished.length > 0}`;
        ends.set(end, (ends.get(end) ?? 0) + 1);
        const again = await exportInto({ folder, url, run: RUNS[1], ...SMALL });
        assert.deepEqual([again.outcome, again.unfinished], ['published', []], name);
        const listed = (await readReleases(folderStore(folder))).map((entry) => entry.release);
        assert.deepEqual(listed, [again.release, release], name);
      }
      // Failures before and after the move of the pointer both occurred.
      assert.ok(
        (ends.get('failed') ?? 0) > 5 && (ends.get('published true') ?? 0) > 5,
        JSON.stringify([...ends]),
      );
    });
  }
}

test('a run reports its own release even if another run moves the pointer right after it', async (t) => {
  const { url, before } = await publishThenChange(t);
  const other = await simulator(t, { faults: ['changed=5@TCD'] });
  let later: string | null = null;
  const store = folderStore(before);
  const put: Store['put'] = async (key, body, ...rest) => {
    const etag = await store.put(key, body, ...rest);
    if (key === 'latest.json') {
      await ageLease(before, 30);
      const run = '2026-11-24T07-00-00Z';
      later = (await exportInto({ folder: before, url: other.url, run, ...SMALL })).release;
    }
    return etag;
  };
  const outcome = await exportInto({ folder: before, url, run: RUNS[1], ...SMALL, store: { ...store, put } });
  assert.equal(outcome.outcome, 'published');
  assert.notEqual(outcome.release, later);
  assert.equal((await readCurrent(store)).pointer?.release, later);
  const [newest, previous] = await readReleases(store);
  assert.deepEqual([newest?.release, previous?.release], [later, outcome.release]);
});

test('the only release is withdrawn right after its publication: later runs still publish', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const store = folderStore(folder);
  const put: Store['put'] = async (key, body, ...rest) => {
    const etag = await store.put(key, body, ...rest);
    if (key === 'latest.json') {
      const { release } = JSON.parse(Buffer.from(body).toString());
      await withdrawRelease(store, release, {
        reason: 'wrong',
        now: new Date(),
        publicUrl: null,
        announcer: null,
      });
    }
    return etag;
  };
  const first = await exportInto({
    folder,
    url: world.url,
    run: RUNS[0],
    ...SMALL,
    store: { ...store, put },
  });
  assert.deepEqual([first.outcome, first.unfinished], ['published', []]);
  assert.equal((await readStatus(store))?.last_change?.release, first.release);
  assert.equal((await readCurrent(store)).manifest, null);
  const second = await exportInto({ folder, url: world.url, run: RUNS[1], ...SMALL });
  assert.equal(second.outcome, 'published');
  assert.deepEqual((await verifyRelease(store)).problems, []);
});

test('a release withdrawn while a run reads it: the run starts again on the current release', async (t) => {
  const world = await simulator(t);
  const scratch = await temporaryFolder(t);
  const before = join(scratch, 'before');
  const pair = { levels: [0], countries: ['AFG', 'TCD'] } as const;
  const first = await exportInto({ folder: before, url: world.url, run: RUNS[0], ...pair });
  world.setFaults(['changed@TCD']);
  const second = await exportInto({ folder: before, url: world.url, run: RUNS[1], ...pair });
  world.setFaults(['changed@TCD', 'changed@AFG']);
  const folder = join(scratch, 'raced');
  let reads = 0;
  for (let at = 1; at === 1 || reads >= at - 4; at += 5) {
    await rm(folder, { recursive: true, force: true });
    await cp(before, folder, { recursive: true });
    const store = folderStore(folder);
    reads = 0;
    const get: Store['get'] = async (key, range) => {
      if (key.startsWith('releases/')) reads++;
      if (reads === at && key.startsWith('releases/')) {
        const options = { reason: 'wrong', now: new Date(), publicUrl: null, announcer: null };
        await withdrawRelease(store, second.release as string, options);
      }
      return store.get(key, range);
    };
    const setting = {
      folder,
      url: world.url,
      run: '2026-11-24T07-00-00Z',
      levels: [0],
      countries: ['AFG'],
    } as const;
    const third = await exportInto({ ...setting, store: { ...store, get } });
    assert.equal(third.outcome, 'published', `read ${at}: ${third.reason}`);
    const { manifest } = await readCurrent(store);
    assert.ok([first.release, second.release].includes(manifest?.supersedes as string), `read ${at}`);
    assert.deepEqual((await verifyRelease(store)).problems, [], `read ${at}`);
  }
});

test('a refused run reports the failed steps of the current release in `unfinished`', async (t) => {
  const { before, release } = await publishThenChange(t);
  await rm(join(before, 'feed.xml'));
  const store = folderStore(before);
  const put: Store['put'] = async (key, body, ...rest) => {
    if (key === 'feed.xml') throw new StoreError(key, 'failed on purpose');
    return store.put(key, body, ...rest);
  };
  const wide = { levels: [0], countries: ['AFG', 'TCD'], options: { maxFailed: 0 } } as const;
  const dead = await simulator(t, { faults: ['dead@AFG'] });
  const setting = { folder: before, url: dead.url, run: RUNS[1], ...wide };
  const { outcome, unfinished } = await exportInto({ ...setting, store: { ...store, put } });
  assert.deepEqual([outcome, unfinished], ['refused', ['feed: failed on purpose']]);
  assert.equal((await readCurrent(store)).pointer?.release, release);
});
