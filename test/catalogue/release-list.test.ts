import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimRelease, findClaim } from '../../lib/catalogue/claim.ts';
import { addToList, readReleases } from '../../lib/catalogue/release-list.ts';
import { readStatus, recordCheck } from '../../lib/catalogue/status.ts';
import { compareReleases } from '../../lib/release/layout.ts';
import { type Manifest, UNIT_STATUSES } from '../../lib/release/manifest.ts';
import type { UnitCounts } from '../../lib/release/status.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { skipSchemaCheck, temporaryFolder } from '../setting.ts';

const RUN = '2026-11-24T05-00-00Z';
const runAt = (minute: number) => `2026-11-24T05-0${minute}-00Z`;
const today = '2026-11-24';
const coverage = Object.fromEntries(UNIT_STATUSES.map((status) => [status, 0])) as UnitCounts;
const entry = (release: string, supersedes: string | null) => {
  const coverage = { units: [] };
  const manifest = {
    release,
    supersedes,
    schema_version: '1.0.0',
    changes: null,
    coverage,
  } as unknown as Manifest;
  const pointer = {
    release,
    manifest: `releases/${release}/manifest.json`,
    manifest_sha256: 'a'.repeat(64),
    published_at: '2026-11-24T05:00:00.000Z',
    schema_version: '1.0.0',
    rows: { admin0: 1 },
  };
  return [manifest, pointer] as const;
};

test('releases.json lists a release once, and stays newest first', async (t) => {
  const folder = await temporaryFolder(t);
  // Each release supersedes the one before. The clock of the third run was a year ahead.
  const ids = ['2026-11-24.9', '2026-11-24.10', '2027-11-25.1', '2026-11-25.1', '2026-11-26.1'];
  const addRelease = (id: string) =>
    addToList(folderStore(folder), ...entry(id, ids[ids.indexOf(id) - 1] ?? null));
  await addRelease(ids[0] as string);
  // The second release is listed after the third.
  await addRelease(ids[2] as string);
  await addRelease(ids[1] as string);
  await Promise.all(Array.from({ length: 5 }, () => addRelease(ids[3] as string)));
  await addRelease(ids[4] as string);
  const listed = (await readReleases(folderStore(folder))).map(({ release }) => release);
  assert.deepEqual(listed, ids.toReversed());
});

test('releases that are listed at the same time all stay in releases.json', async (t) => {
  const folder = await temporaryFolder(t);
  const ids = Array.from({ length: 5 }, (_, at) => `2026-11-24.${at + 1}`);
  await Promise.all(ids.map((id) => addToList(folderStore(folder), ...entry(id, null))));
  const listed = (await readReleases(folderStore(folder))).map(({ release }) => release);
  assert.deepEqual(listed.sort(), ids);
});

test('release ids sort by date, then by counter as a number', () => {
  assert.ok(compareReleases('2026-11-24.10', '2026-11-24.9') > 0);
  assert.ok(compareReleases('2026-11-24.10', '2026-11-25.1') < 0);
});

test('status.json: the check recorded last is the last one, even with an earlier time', async (t) => {
  const store = folderStore(await temporaryFolder(t));
  const check = (minute: number, more: Partial<Parameters<typeof recordCheck>[1]>) =>
    recordCheck(store, {
      at: new Date(Date.UTC(2026, 10, 24, 5, minute)),
      run: runAt(minute),
      outcome: 'unchanged',
      coverage,
      release: '2026-11-24.1',
      reason: null,
      ...more,
    });
  assert.equal(await readStatus(store), null);
  await check(1, { outcome: 'published' });
  await check(2, { outcome: 'refused', reason: 'too many failures' });
  await check(4, {});
  await check(3, { outcome: 'failed', reason: 'a clock that is behind' });
  const status = await readStatus(store);
  assert.deepEqual([status?.last_check?.run, status?.last_check?.outcome], [runAt(3), 'failed']);
  assert.equal(status?.last_change?.release, '2026-11-24.1');
  assert.deepEqual(
    [status?.last_failure?.run, status?.last_failure?.reason],
    [runAt(3), 'a clock that is behind'],
  );
});

test('concurrent claims get different ids, and a run finds its own claim', async (t) => {
  const store = folderStore(await temporaryFolder(t));
  const claim = (run: string, supersedes: string | null = null) => ({
    run,
    created_at: '2026-11-24T05:00:00.000Z',
    supersedes,
    generator: { name: 'dtm-exporter', version: '0.0.0', reading: 'test' },
  });
  const claimed = await Promise.all(
    ['a', 'b', 'c'].map((name) => `${RUN}-${name}`).map((run) => claimRelease(store, claim(run))),
  );
  assert.deepEqual(claimed.map(({ release }) => release).sort(), [
    '2026-11-24.1',
    '2026-11-24.2',
    '2026-11-24.3',
  ]);
  const claimedByB = claimed[1]?.release as string;
  const noConflicts = new Set<string>();
  const find = (run: string, supersedes: string | null, conflictingIds: ReadonlySet<string>) =>
    findClaim(store, { run, supersedes, today }, conflictingIds);
  assert.equal((await find(`${RUN}-b`, null, noConflicts))?.release, claimedByB);
  assert.equal(await find(`${RUN}-b`, null, new Set([claimedByB])), null);
  assert.equal(await find(`${RUN}-b`, '2026-11-24.1', noConflicts), null);
  assert.equal(await find(`${RUN}-d`, null, noConflicts), null);
});

test('a damaged releases.json is rejected with the file and the path in it', async (t) => {
  const store = folderStore(skipSchemaCheck(await temporaryFolder(t)));
  await store.put('releases.json', Buffer.from('{"releases":[{"release":1}]}'), 'absent');
  await assert.rejects(readReleases(store), {
    name: 'DamagedFileError',
    message: /releases\.json is damaged: releases\.0\./,
  });
});
