// One run at a time: the lease of exports into a folder. test/functions tests it with executions, test/kill with processes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { createLease, LEASE_LENGTH } from '../../../lib/run/turn/lease.ts';
import { folderStore } from '../../../lib/store/folder/folder-store.ts';
import { ageLease, changeLease, readLease } from '../../lease.ts';
import { exportInto, simulator, temporaryFolder } from '../../setting.ts';

const RUN = '2026-11-24T05-00-00Z';
const OTHER = '2026-11-24T06-00-00Z';
const SMALL = { countries: ['TCD'], levels: [0] } as const;

interface Setting {
  readonly folder: string;
  readonly url: string;
  /** Requests at the API. */
  readonly asked: () => number;
}

/** A folder in which a run of another machine has just taken its turn. */
async function setUp(t: TestContext, fields: Parameters<typeof changeLease>[1] = {}): Promise<Setting> {
  const [folder, world] = [await temporaryFolder(t), await simulator(t)];
  const owner = { run: RUN, owner: 'theirs', host: 'elsewhere', pid: 1, resumes: true };
  await createLease({ store: folderStore(folder), now: () => new Date() }, owner).take();
  await changeLease(folder, fields);
  return { folder, url: world.url, asked: () => world.requests.length };
}

const publishes = async ({ folder, url }: Setting, run = OTHER): Promise<void> => {
  assert.equal((await exportInto({ folder, url, run, ...SMALL })).outcome, 'published');
};

const isRefused = async ({ folder, url, asked }: Setting): Promise<void> => {
  const [before, requests] = [await readLease(folder), asked()];
  await assert.rejects(exportInto({ folder, url, run: OTHER, ...SMALL }), {
    name: 'RunUnderWayError',
    run: RUN,
  });
  assert.deepEqual(await readLease(folder), before);
  assert.equal(asked(), requests);
  assert.ok(!existsSync(join(folder, 'runs', OTHER)) && !existsSync(join(folder, 'status.json')));
};

test('a run under way: another one asks for nothing, writes nothing, and says which, since when and what to do', async (t) => {
  const setting = await setUp(t);
  await isRefused(setting);
  const { taken_at, renewed_at, expires_at } = await readLease(setting.folder);
  await assert.rejects(exportInto({ ...setting, run: OTHER, ...SMALL }), {
    message: `run ${RUN} (process 1 on elsewhere) has been under way since ${taken_at}, with its last progress at ${renewed_at}, so nothing was asked or written: wait until it ends, or stop it; without progress it counts as ended at ${expires_at}`,
  });
  assert.equal(Date.parse(expires_at) - Date.parse(renewed_at), 20 * 60_000);
});

test('a run without progress for 20 minutes counts as ended, not before', async (t) => {
  const setting = await setUp(t);
  await ageLease(setting.folder, 19);
  await isRefused(setting);
  await ageLease(setting.folder, 2);
  await publishes(setting);
});

test('a lease from a clock in the future, or a damaged one, holds up nobody', async (t) => {
  const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  const setting = await setUp(t, { expires_at: inMinutes(24) });
  await isRefused(setting);
  await changeLease(setting.folder, { expires_at: inMinutes(26) });
  await publishes(setting);
  for (const damaged of ['{"run": "x"', '{}', `{"run":"${RUN}","owner":"x","expires_at":"never"}`]) {
    await writeFile(join(setting.folder, 'runs/lease.json'), damaged);
    await exportInto({ ...setting, run: OTHER, ...SMALL });
  }
  await changeLease(setting.folder, {
    released_at: null,
    owner: 'theirs',
    pid: null,
    run: RUN,
    expires_at: 'never',
  });
  await exportInto({ ...setting, run: OTHER, ...SMALL });
});

test('a process of this machine that has ended, or had the id of this one, holds up nobody; a live one does', async (t) => {
  const ended = spawn(process.execPath, ['-e', '']);
  await once(ended, 'exit');
  const host = hostname();
  const setting = await setUp(t, { host, pid: process.ppid });
  await isRefused(setting);
  await changeLease(setting.folder, { pid: ended.pid ?? 0 });
  await publishes(setting);
  await changeLease(setting.folder, { released_at: null, owner: 'before a restart', run: RUN });
  assert.equal((await readLease(setting.folder)).pid, process.pid);
  await exportInto({ ...setting, run: OTHER, ...SMALL });
});

test('two exports of one process take turns, too', async (t) => {
  const [folder, world] = [await temporaryFolder(t), await simulator(t, { faults: ['latency=50'] })];
  const both = await Promise.allSettled(
    [RUN, OTHER].map((run) => exportInto({ folder, url: world.url, run, ...SMALL })),
  );
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('the same run id goes on at once', async (t) => {
  const setting = await setUp(t);
  await publishes(setting, RUN);
});

test('the lease is given back when a run is published, refused, failed or stopped', async (t) => {
  const [folder, world] = [await temporaryFolder(t), await simulator(t)];
  const ends = async (run: string, options: object = {}): Promise<void> => {
    await exportInto({ folder, url: world.url, run, ...SMALL, ...options }).catch(() => {});
    const lease = await readLease(folder);
    assert.deepEqual([lease.run, lease.released_at !== null], [run, true]);
  };
  await ends('2026-11-24T05-00-00Z');
  world.setFaults(['gone@TCD']);
  await ends('2026-11-24T06-00-00Z');
  world.setFaults(['500']);
  await ends('2026-11-24T07-00-00Z');
  const stop = new AbortController();
  const onProgress = () => stop.abort(new Error('stopped'));
  world.setFaults([]);
  await ends('2026-11-24T08-00-00Z', { context: { signal: stop.signal, onProgress } });
});

test('a lease is renewed at most once a minute', async (t) => {
  const folder = await temporaryFolder(t);
  let time = Date.now();
  const start = time;
  const owner = { run: RUN, owner: 'mine', host: null, pid: null, resumes: false };
  const lease = createLease({ store: folderStore(folder), now: () => new Date(time) }, owner);
  const renewals: number[] = [];
  await lease.take();
  for (let step = 0; step < 9; step++) {
    time += 40_000;
    await lease.renew();
    const stored = await readLease(folder);
    assert.equal(stored.taken_at, new Date(start).toISOString());
    assert.equal(Date.parse(stored.expires_at) - Date.parse(stored.renewed_at), LEASE_LENGTH);
    renewals.push((Date.parse(stored.renewed_at) - start) / 1000);
  }
  assert.deepEqual(renewals, [0, 80, 80, 160, 160, 240, 240, 320, 320]);
});

test('the progress of an export renews its lease, and a slow store gets one renewal after another', async (t) => {
  const [folder, world] = [await temporaryFolder(t), await simulator(t)];
  let time = Date.now();
  const start = time;
  const onProgress = ({ stage }: { stage: string }) => {
    time += stage === 'fetch' ? 40_000 : 0;
  };
  const store = folderStore(folder);
  const written: string[] = [];
  const put: typeof store.put = async (key, body, ...rest) => {
    if (key !== 'runs/lease.json') return store.put(key, body, ...rest);
    written.push(JSON.parse(String(body)).renewed_at);
    await setTimeout(300);
    return store.put(key, body, ...rest);
  };
  const context = { now: () => new Date(time), onProgress };
  await exportInto({ folder, url: world.url, run: RUN, store: { ...store, put }, context });
  // A renewal has the time at which it is written, so the store decides which steps of 40 s are seen.
  const times = [...new Set(written)].map((renewed) => Date.parse(renewed) - start);
  assert.ok(times.length > 1, 'never renewed');
  for (const [at, renewed] of times.entries())
    assert.ok(at === 0 ? renewed === 0 : renewed - (times[at - 1] ?? 0) >= 60_000, `${times}`);
  assert.equal((await readLease(folder)).taken_at, new Date(start).toISOString());
});

test('a run that lost its lease goes on, and takes nothing from the one that has it', async (t) => {
  const setting = await setUp(t);
  const lease = createLease(
    { store: folderStore(setting.folder), now: () => new Date() },
    { run: OTHER, owner: 'late', host: null, pid: null, resumes: false },
  );
  const before = await readLease(setting.folder);
  await lease.renew();
  await lease.release();
  assert.deepEqual(await readLease(setting.folder), before);
  await rm(join(setting.folder, 'runs/lease.json'));
  await lease.renew();
  await lease.release();
  assert.ok(!existsSync(join(setting.folder, 'runs/lease.json')));
});
