// Which releases can be found, and by which change logs, from the list alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeGap, findPlace, nearestPlaces } from '../../../lib/read/since/chain.ts';
import { findListed } from '../../../lib/read/since/find-listed.ts';
import type { ReleaseEntry } from '../../../lib/release/release-list.ts';

const NOW = new Date('2026-12-01T00:00:00Z');
const GONE = '2026-11-30T00:00:00.000Z';
const NO_CHANGES = { added: 0, removed: 0, changed: 0, relabelled: 0, countries: [] };

/** An entry of day `n` of November, on top of the day before. */
const entry = (n: number, more: Partial<ReleaseEntry> = {}): ReleaseEntry => {
  const release = `2026-11-${String(n).padStart(2, '0')}.1`;
  return {
    ...{ release, status: 'published', manifest: `releases/${release}/manifest.json`, manifest_sha256: '' },
    ...{ published_at: `${release.slice(0, 10)}T05:00:00.000Z`, schema_version: '1.0.0', rows: {} },
    supersedes: n === 1 ? null : `2026-11-${String(n - 1).padStart(2, '0')}.1`,
    changes: n === 1 ? null : NO_CHANGES,
    ...{ expires_at: null, announced_at: null },
    ...more,
  };
};

const withdrawn = { status: 'withdrawn', withdrawn: { reason: 'wrong', date: GONE } } as const;
const expired = { expires_at: GONE };
const id = (n: number): string => entry(n).release;

test('a release with data files is its own place', () => {
  assert.deepEqual(findPlace([entry(2), entry(1)], id(1), NOW), { base: id(1), steps: [] });
});

test('an expired release is rebuilt from the nearest data files, by undoing later logs or applying its own', () => {
  const listed = [entry(5), entry(4, expired), entry(3, expired), entry(2, expired), entry(1)];
  assert.deepEqual(findPlace(listed, id(4), NOW), { base: id(5), steps: [{ release: id(5), undo: true }] });
  assert.deepEqual(findPlace(listed, id(2), NOW), { base: id(1), steps: [{ release: id(2), undo: false }] });
  assert.deepEqual(findPlace(listed, id(3), NOW)?.steps.length, 2);
});

test('no way leads over a withdrawn release, whose log is gone, and the gap is named', () => {
  const listed = [entry(4), entry(3, withdrawn), entry(2, expired), entry(1, expired)];
  assert.equal(findPlace(listed, id(2), NOW), null);
  assert.match(describeGap(listed, id(2)), new RegExp(`change log of ${id(3)} went when it was withdrawn`));
  assert.deepEqual(nearestPlaces(listed, id(2), NOW), [id(4)]);
});

test('a withdrawn release that another stands on is rebuilt from that one', () => {
  const listed = [entry(4), entry(3, withdrawn), entry(2), entry(1)];
  assert.deepEqual(findPlace(listed, id(3), NOW), { base: id(4), steps: [{ release: id(4), undo: true }] });
  const last = [entry(4, { supersedes: id(2) }), entry(3, withdrawn), entry(2), entry(1)];
  assert.equal(findPlace(last, id(3), NOW), null);
  assert.match(describeGap(last, id(3)), /change log of 2026-11-03\.1 went/);
});

test('a release of another major version has no log, which ends the chain', () => {
  const listed = [entry(3), entry(2, { changes: null }), entry(1, expired)];
  assert.equal(findPlace(listed, id(1), NOW), null);
  assert.match(describeGap(listed, id(1)), /2026-11-02\.1 has no change log/);
});

test('a day means the release that was current at its end, also one that was withdrawn later', () => {
  const late = { ...withdrawn, withdrawn: { reason: 'wrong', date: '2026-11-05T09:00:00.000Z' } };
  const list = { listed: [entry(6), entry(3, late), entry(2)], current: id(6), hasPointer: true };
  const found = (day: string): string => findListed(list, day, NOW).release;
  assert.equal(found('2026-11-02'), id(2));
  assert.equal(found('2026-11-04'), id(3));
  assert.equal(found('2026-11-05'), id(2));
  assert.equal(found('2026-12-01'), id(6));
  assert.throws(() => found('2026-11-01'), /no release was current at the end of that day; expected one of/);
  assert.throws(() => found('2026-12-02'), /expected a day up to today, 2026-12-01 in UTC/);
  assert.throws(() => found('2026-11-20.9'), /got 2026-11-20\.9, which was never published here/);
});
