// A release is announced after it can be read: at least once, always with the same id.
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

/** An announcer that keeps its events, and checks each against the schema. */
function recordingAnnouncer(): Announcer & { events: DtmEvent[] } {
  const events: DtmEvent[] = [];
  const announce = async (event: DtmEvent): Promise<void> => {
    assert.deepEqual(findSchemaProblems('event', JSON.parse(JSON.stringify(event))), []);
    events.push(event);
  };
  return { events, announce };
}

async function startScene(t: TestContext) {
  const [world, folder, announcer] = [await simulator(t), await temporaryFolder(t), recordingAnnouncer()];
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

test('a release is announced once with the data of its manifest, and that is recorded', async (t) => {
  const { world, store, events, run } = await startScene(t);
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
  assert.equal(events.length, 1, 'an unchanged run sends no event');
  world.setFaults(['changed@TCD']);
  const second = await run('2026-11-24T07-00-00Z');
  assert.deepEqual(
    [events[1]?.data.release, events[1]?.data.changes, events[1]?.data.supersedes],
    [second.release, second.changes, first.release],
  );
  assert.equal(events.length, 2);
});

test('a run resumed after a failed write announces its release, always with one id', async (t) => {
  const { world } = await startScene(t);
  const countingStore = failingStore(
    folderStore(await temporaryFolder(t)),
    Number.POSITIVE_INFINITY,
    'before',
  );
  const setting = { url: world.url, run: RUN, options: ONE_UNIT, folder: '' };
  await exportInto({ ...setting, store: countingStore, context: { announcer: recordingAnnouncer() } });
  const last = countingStore.changes();
  let announcedTwice = 0;
  // The last writes are the pointer, the list, the feed, `announced_at`, the status and the report.
  for (let at = last - 5; at <= last; at++) {
    for (const when of ['before', 'after'] as const) {
      const [store, announcer] = [folderStore(await temporaryFolder(t)), recordingAnnouncer()];
      const context = { announcer };
      const brokenRun = exportInto({ ...setting, store: failingStore(store, at, when), context });
      const outcome = await brokenRun.then(
        (result) => result.outcome,
        () => 'failed',
      );
      const isPublished = (await readCurrent(store)).manifest !== null;
      assert.equal(outcome, isPublished ? 'published' : 'failed', `${when} ${at}`);
      const { release } = await exportInto({ ...setting, store, context });
      const ids = announcer.events.map(({ id, source }) => `${source} ${id}`);
      assert.deepEqual([...new Set(ids)], [`${store.location} published/${release}`], `${when} ${at}`);
      assert.ok((await readReleases(store))[0]?.announced_at, `${when} ${at}`);
      if (ids.length > 1) announcedTwice++;
    }
  }
  assert.ok(announcedTwice >= 1, 'announced twice if the write of announced_at failed');
});

test('a release not announced yet is announced by the next run, even an unchanged one', async (t) => {
  const { store, events, run } = await startScene(t);
  const first = await run(RUN, { context: { announcer: null } });
  assert.equal((await readReleases(store))[0]?.announced_at, null);
  const failing = { announce: () => Promise.reject(new Error('the topic is gone')) };
  const second = await run('2026-11-24T06-00-00Z', { context: { announcer: failing } });
  assert.deepEqual([second.outcome, second.unfinished], ['unchanged', ['announcement: the topic is gone']]);
  assert.equal((await readReleases(store))[0]?.announced_at, null);
  assert.equal((await run('2026-11-24T07-00-00Z')).outcome, 'unchanged');
  assert.deepEqual(
    events.map(({ id }) => id),
    [`published/${first.release}`],
  );
});

test('a refused run is announced as failed, with a known sentence, and the operator gets the whole reason', async (t) => {
  const { world, events, run } = await startScene(t);
  world.setFaults(['500@TCD']);
  const { reason: whole } = await run(RUN);
  assert.match(whole ?? '', /got 500: Internal server error; .*run again with --run/);
  const reason =
    '1 of 1 units failed, more than --max-failed 10 percent (admin0/TCD: DTMApiRequestError: admin0 TCD: the request brought no usable answer (HTTP 500))';
  assert.deepEqual(
    events.map(({ id, type, data }) => [id, type, data.reason, data.run, data.release]),
    [[`failed/${RUN}`, 'dtm.release.failed', reason, RUN, null]],
  );
});

test('a withdrawal is announced with its reason; when repeated, with the first reason', async (t) => {
  const { store, announcer, events, run } = await startScene(t);
  const { release } = await run(RUN);
  const reason = 'Chad was counted twice';
  const options = { reason, now: new Date('2026-12-01T08:00:00.000Z'), publicUrl: null, announcer };
  await withdrawRelease(store, release as string, options);
  await withdrawRelease(store, release as string, { ...options, reason: 'another', now: new Date() });
  const announced = events.slice(1).map(({ id, type, time, data }) => [id, type, time, data.reason]);
  const expected = [`withdrawn/${release}`, 'dtm.release.withdrawn', '2026-12-01T08:00:00.000Z', reason];
  assert.deepEqual(announced, [expected, expected]);
  assert.deepEqual(events[1]?.data, { ...events[0]?.data, reason });
});
