// A run can stop at any point and be resumed: nothing is requested or published twice, and no update is lost.
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import { finishRun } from '../../lib/run/finish.ts';
import { type Plan, readPlan } from '../../lib/run/plan.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { type Store, StoreError } from '../../lib/store/store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { ageLease } from '../lease.ts';
import { exportInto, readFilesBelow, simulator, temporaryFolder } from '../setting.ts';

const RUNS = ['2026-11-24T05-00-00Z', '2026-11-24T06-00-00Z', '2026-11-24T07-00-00Z'] as const;

/** The context of a run that only publishes. */
const CONTEXT = {
  terms: { licence: 'none', visibility: 'private', contact: null },
  publicUrl: null,
  announcer: null,
  generator: { name: 'dtm-exporter', version: '0.0.0', reading: 'test' },
  now: () => new Date(),
  onProgress: () => {},
} as const;
const OPTIONS = { maxFailed: 50, maxAge: 30, acceptDrop: false, reissue: false };

/** A store whose writes fail from the `at`-th on; that one before or after it is carried out. */
function failingFrom(store: Store, at: number, when: 'before' | 'after'): Store & { writes: () => number } {
  let writes = 0;
  const put: Store['put'] = async (key, body, ...rest) => {
    writes++;
    if (writes > at || (writes === at && when === 'before')) throw new StoreError(key, 'broken on purpose');
    const etag = await store.put(key, body, ...rest);
    if (writes === at) throw new StoreError(key, 'broken on purpose');
    return etag;
  };
  return { ...store, put, writes: () => writes };
}

test('a run that fails before or after any write is finished by the next run of its id', async (t) => {
  const world = await simulator(t);
  const counted = failingFrom(folderStore(await temporaryFolder(t)), Number.POSITIVE_INFINITY, 'before');
  const small = {
    url: world.url,
    options: { selection: { apiVersion: 'v3', levels: [0], countries: ['TCD'] } },
  } as const;
  await exportInto({ ...small, folder: '', store: counted });
  const writes = counted.writes();
  assert.ok(writes > 20, String(writes));
  // Every third write. `test/kill` kills a process at each write.
  for (let at = 1; at <= writes; at += 3) {
    for (const when of ['before', 'after'] as const) {
      const folder = await temporaryFolder(t);
      const store = failingFrom(folderStore(folder), at, when);
      const failedOutcome = await exportInto({ ...small, folder, store }).then(
        ({ outcome }) => outcome,
        () => 'failed',
      );
      const isThere = (await readCurrent(folderStore(folder))).manifest !== null;
      assert.equal(failedOutcome, isThere ? 'published' : 'failed', `${when} write ${at}`);
      const outcome = await exportInto({ ...small, folder });
      assert.equal(outcome.outcome, 'published', `${when} write ${at}`);
      const { problems } = await verifyRelease(folderStore(folder));
      assert.deepEqual(problems, [], `${when} write ${at}`);
      const listed = await readReleases(folderStore(folder));
      assert.deepEqual(
        listed.map(({ release }) => release),
        [outcome.release],
        `${when} write ${at}`,
      );
      await rm(folder, { recursive: true });
    }
  }
});

test('a resumed run does not request units that have an answer', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const store = failingFrom(folderStore(folder), 12, 'before');
  await assert.rejects(exportInto({ folder, url: world.url, store, options: { concurrency: 1 } }));
  const asked = world.requests.length;
  await exportInto({ folder, url: world.url });
  const units = world.requests.slice(asked);
  assert.ok(units.every(({ level }) => level !== null));
  assert.ok(asked + units.length <= 2 + 9 + 1, `${asked} and ${units.length}`);
});

test('a run that was published is not published again, even with reissue', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const first = await exportInto({ folder, url: world.url, options: { reissue: true } });
  const again = await exportInto({ folder, url: world.url, options: { reissue: true } });
  assert.deepEqual([again.outcome, again.release], ['published', first.release]);
  assert.equal((await readReleases(folderStore(folder))).length, 1);
});

for (const [kind, path] of [
  ['staged file', 'staged/admin1/TCD.arrow'],
  ['report', 'units/admin1/TCD.json'],
] as const) {
  test(`a resumed run requests again a unit with a damaged ${kind}, and no other answered unit`, async (t) => {
    const world = await simulator(t, { faults: ['dead@SDN'] });
    const folder = await temporaryFolder(t);
    await exportInto({ folder, url: world.url });
    world.setFaults([]);
    // As after a power loss: the right size, but all zeros.
    const damaged = join(folder, `runs/${RUNS[0]}/${path}`);
    await writeFile(damaged, Buffer.alloc((await readFile(damaged)).length));
    const asked = world.requests.length;
    const { outcome } = await exportInto({ folder, url: world.url });
    assert.equal(outcome, 'published');
    const again = world.requests.slice(asked).map(({ level, country }) => `${level}/${country}`);
    assert.deepEqual(again.sort(), ['0/SDN', '1/SDN', '1/TCD', '2/SDN']);
    assert.deepEqual((await verifyRelease(folderStore(folder))).problems, []);
  });
}

test('a staged file that is damaged before publication: StagedFileError says what to do', async (t) => {
  const world = await simulator(t, { faults: ['dead@SDN'] });
  const folder = await temporaryFolder(t);
  const store = folderStore(folder);
  const get: Store['get'] = async (key, range) => {
    const found = await store.get(key, range);
    return found && key.endsWith('staged/admin1/TCD.arrow') ? { ...found, body: new Uint8Array(9) } : found;
  };
  await exportInto({ folder, url: world.url });
  const plan = (await readPlan(store, RUNS[0])) as Plan;
  const context = { ...CONTEXT, run: RUNS[0], store: { ...store, get } };
  await assert.rejects(finishRun(context, plan, OPTIONS), {
    name: 'StagedFileError',
    message:
      /runs\/.*\/staged\/admin1\/TCD\.arrow is damaged \(expected SHA-256 .*run again with --run .*: this unit is asked for again/,
  });
  assert.equal((await readCurrent(store)).manifest, null);
});

test('a file with other bytes below a claimed id is kept, and the run takes the next id', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const store = failingFrom(folderStore(folder), 40, 'before');
  await assert.rejects(exportInto({ folder, url: world.url, store }));
  const written = [...(await readFilesBelow(join(folder, 'releases'))).keys()];
  const changedFile = written.find((path) => path.endsWith('.parquet')) as string;
  await writeFile(changedFile, 'other bytes');
  const { outcome, release } = await exportInto({ folder, url: world.url });
  assert.equal(outcome, 'published');
  assert.match(String(release), /\.2$/);
  assert.equal(await readFile(changedFile, 'utf8'), 'other bytes');
  assert.deepEqual((await verifyRelease(folderStore(folder))).problems, []);
});

/** A store that runs `other`, which publishes, just before the first move of the pointer, as if the turn had expired. */
function racedBy(folder: string, other: () => Promise<unknown>): Store {
  const store = folderStore(folder);
  let waiting = true;
  const put: Store['put'] = async (key, body, ...rest) => {
    if (key === 'latest.json' && waiting) {
      waiting = false;
      await ageLease(folder, 30);
      await other();
    }
    return store.put(key, body, ...rest);
  };
  return { ...store, put };
}

test('a run that loses the race for the pointer to newer answers ends as unchanged', async (t) => {
  const [old, changed] = [await simulator(t), await simulator(t, { faults: ['changed@SDN'] })];
  const folder = await temporaryFolder(t);
  let other: string | null = null;
  const store = racedBy(folder, async () => {
    other = (await exportInto({ folder, url: old.url, run: RUNS[1] })).release;
  });
  const late = await exportInto({ folder, url: changed.url, run: RUNS[0], store });
  assert.deepEqual([late.outcome, late.release, late.units.kept], ['unchanged', other, 9]);
  assert.equal((await readCurrent(folderStore(folder))).manifest?.release, other);
});

test('a run of one country that loses the race for the pointer still publishes its rows', async (t) => {
  const [world, changed] = [await simulator(t), await simulator(t, { faults: ['changed@SDN'] })];
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url: world.url, run: RUNS[0] });
  world.setFaults(['changed@AFG']);
  const store = racedBy(folder, () =>
    exportInto({ folder, url: world.url, run: RUNS[1], countries: ['AFG'] }),
  );
  const { outcome } = await exportInto({ folder, url: changed.url, run: RUNS[2], store, countries: ['SDN'] });
  assert.equal(outcome, 'published');
  const listed = await readReleases(folderStore(folder));
  assert.equal(listed.length, 3);
  assert.equal(listed[0]?.supersedes, listed[1]?.release);
  const { manifest } = await readCurrent(folderStore(folder));
  const from = (country: string) => manifest?.coverage.units.find((unit) => unit.country === country)?.from;
  assert.deepEqual(
    [from('AFG'), from('SDN'), from('TCD')],
    [listed[1]?.release, listed[0]?.release, listed[2]?.release],
  );
});

test('a run with newer answers that loses the race publishes on top of the winner', async (t) => {
  const [old, changed] = [await simulator(t), await simulator(t, { faults: ['changed@SDN'] })];
  const folder = await temporaryFolder(t);
  // The other run is staged first and stops before publishing: after its lease, its plan and three files for each unit.
  const stopped = failingFrom(folderStore(folder), 2 + 3 * 9, 'after');
  await assert.rejects(exportInto({ folder, url: old.url, run: RUNS[1], store: stopped }));
  const store = racedBy(folder, () => exportInto({ folder, url: old.url, run: RUNS[1] }));
  const outcome = await exportInto({ folder, url: changed.url, run: RUNS[0], store });
  assert.equal(outcome.outcome, 'published');
  const { manifest } = await readCurrent(folderStore(folder));
  assert.equal(manifest?.run, RUNS[0]);
  const [newest, before] = await readReleases(folderStore(folder));
  assert.deepEqual([newest?.supersedes, before?.supersedes], [before?.release, null]);
  assert.deepEqual((await verifyRelease(folderStore(folder))).problems, []);
});

test('an old run that is resumed late does not replace newer answers', async (t) => {
  const world = await simulator(t, { faults: ['dead@SDN'] });
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url: world.url, run: RUNS[0] });
  world.setFaults(['changed@AFG']);
  const newer = await exportInto({ folder, url: world.url, run: RUNS[1] });
  const late = await exportInto({ folder, url: world.url, run: RUNS[0] });
  assert.deepEqual([late.outcome, late.release, late.units.kept], ['unchanged', newer.release, 6]);
  assert.equal((await readCurrent(folderStore(folder))).manifest?.release, newer.release);
});

test('a run that is stopped by its signal keeps its staged files', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const stop = new AbortController();
  const onProgress = (progress: { stage: string }) => {
    if (progress.stage === 'fetch') stop.abort(new Error('stopped by the test'));
  };
  const context = { signal: stop.signal, onProgress };
  await assert.rejects(exportInto({ folder, url: world.url, context }), /stopped by the test/);
  const staged = [...(await readFilesBelow(join(folder, 'runs'))).keys()].filter((path) =>
    path.endsWith('.arrow'),
  );
  assert.ok(staged.length >= 1);
  assert.equal((await exportInto({ folder, url: world.url })).outcome, 'published');
});
