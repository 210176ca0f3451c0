// Who subscribes hears of a release once it can be read: at least once, always under the same id.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Announcer, DtmEvent } from '../../lib/catalogue/announce.ts';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import { withdrawRelease } from '../../lib/retire/withdraw.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { findSchemaProblems } from '../../lib/verify/json-schemas.ts';
import { exportInto, simulator, temporaryFolder } from '../setting.ts';
import { failingStore, ONE_UNIT } from '../stores.ts';

const RUN = '2026-11-24T05-00-00Z';

/** Keeps what it is told, and holds each event against its schema. */
function listener(): Announcer & { events: DtmEvent[] } {
  const events: DtmEvent[] = [];
  const announce = async (event: DtmEvent): Promise<void> => {
    assert.deepEqual(findSchemaProblems('event', JSON.parse(JSON.stringify(event))), []);
    events.push(event);
  };
  return { events, announce };
}

async function scene(t: TestContext) {
  const [world, folder, announcer] = [await simulator(t), await temporaryFolder(t), listener()];
  const publicUrl = 'https://example.org/dtm/';
  const run = (id: string, more: object = {}) =>
    exportInto({
      folder,
      url: world.url,
      run: id,
      options: ONE_UNIT,
      context: { announcer, publicUrl },
      ...more,
    });
  return { world, folder, store: folderStore(folder), announcer, events: announcer.events, run };
}

test('a release is announced once, with what the manifest and the pointer say, and that is recorded', async (t) => {
  const { world, store, events, run } = await scene(t);
  const first = await run(RUN);
  const { pointer, manifest } = await readCurrent(store);
  assert.deepEqual(events, [
    {
      specversion: '1.0',
      id: `published/${first.release}`,
      source: 'https://example.org/dtm/',
      type: 'dtm.release.published',
      time: pointer?.published_at,
      datacontenttype: 'application/json',
      data: {
        release: first.release,
        manifest: pointer?.manifest,
        manifest_sha256: pointer?.manifest_sha256,
        schema_version: manifest?.schema_version,
        rows: pointer?.rows,
        changed_countries: ['TCD'],
        changes: null,
        supersedes: null,
        run: RUN,
        reason: null,
      },
    },
  ]);
  const [listed] = await readReleases(store);
  assert.ok(listed?.announced_at && listed.announced_at >= listed.published_at);
  assert.equal((await run('2026-11-24T06-00-00Z')).outcome, 'unchanged');
  assert.equal(events.length, 1, 'unchanged content is no news');
  world.setFaults(['changed@TCD']);
  const second = await run('2026-11-24T07-00-00Z');
  assert.deepEqual(
    [events[1]?.data.release, events[1]?.data.changes, events[1]?.data.supersedes],
    [second.release, second.changes, first.release],
  );
  assert.equal(events.length, 2);
});

test('a run that broke before or after any write announces again under the same id, or had announced', async (t) => {
  const { world } = await scene(t);
  const whole = failingStore(folderStore(await temporaryFolder(t)), Number.POSITIVE_INFINITY, 'before');
  const once = { url: world.url, run: RUN, options: ONE_UNIT, folder: '' };
  await exportInto({ ...once, store: whole, context: { announcer: listener() } });
  const last = whole.changes();
  let twice = 0;
  // The pointer, the list, the feed, the announcement's record, the status and the report come last.
  for (let at = last - 5; at <= last; at++) {
    for (const when of ['before', 'after'] as const) {
      const [store, announcer] = [folderStore(await temporaryFolder(t)), listener()];
      const context = { announcer };
      const broken = exportInto({ ...once, store: failingStore(store, at, when), context });
      const ended = await broken.then(
        ({ outcome }) => outcome,
        () => 'failed',
      );
      const isThere = (await readCurrent(store)).manifest !== null;
      assert.equal(ended, isThere ? 'published' : 'failed', `${when} ${at}`);
      const { release } = await exportInto({ ...once, store, context });
      const ids = announcer.events.map(({ id, source }) => `${source} ${id}`);
      assert.deepEqual([...new Set(ids)], [`${store.location} published/${release}`], `${when} ${at}`);
      assert.ok((await readReleases(store))[0]?.announced_at, `${when} ${at}`);
      if (ids.length > 1) twice++;
    }
  }
  assert.ok(twice >= 1, 'where the record of the announcement could not be written');
});

test('a release that nobody was told of is announced by the next run, also if nothing changed', async (t) => {
  const { store, events, run } = await scene(t);
  const first = await run(RUN, { context: { announcer: null } });
  assert.equal((await readReleases(store))[0]?.announced_at, null);
  const unheard = { announce: () => Promise.reject(new Error('the topic is gone')) };
  const second = await run('2026-11-24T06-00-00Z', { context: { announcer: unheard } });
  assert.deepEqual([second.outcome, second.unfinished], ['unchanged', ['announcement: the topic is gone']]);
  assert.equal((await readReleases(store))[0]?.announced_at, null);
  assert.equal((await run('2026-11-24T07-00-00Z')).outcome, 'unchanged');
  assert.deepEqual(
    events.map(({ id }) => id),
    [`published/${first.release}`],
  );
});

test('a refused run is announced as failed, with its reason', async (t) => {
  const { world, events, run } = await scene(t);
  world.setFaults(['500@TCD']);
  const { reason } = await run(RUN);
  assert.deepEqual(
    events.map(({ id, type, data }) => [id, type, data.reason, data.run, data.release]),
    [[`failed/${RUN}`, 'dtm.release.failed', reason, RUN, null]],
  );
});

test('a withdrawal is announced with its reason, and again when it is finished again', async (t) => {
  const { store, announcer, events, run } = await scene(t);
  const { release } = await run(RUN);
  const reason = 'Chad was counted twice';
  const options = { reason, now: new Date('2026-12-01T08:00:00.000Z'), publicUrl: null, announcer };
  await withdrawRelease(store, release as string, options);
  await withdrawRelease(store, release as string, { ...options, reason: 'another', now: new Date() });
  const told = events.slice(1).map(({ id, type, time, data }) => [id, type, time, data.reason]);
  const once = [`withdrawn/${release}`, 'dtm.release.withdrawn', '2026-12-01T08:00:00.000Z', reason];
  assert.deepEqual(told, [once, once]);
  assert.deepEqual(events[1]?.data, { ...events[0]?.data, reason });
});
