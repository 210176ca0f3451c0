// Which counts a filter leaves, and what it says if it leaves none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectCounts } from '../../../lib/read/since/count-history.ts';
import type { ReleaseCounts } from '../../../lib/read/since/country-history.ts';
import { keyText } from '../../../lib/read/since/counts.ts';

const totals = { rows: 1, idps: 1, males: null, females: null };

/** One release with a count of each round. */
function releaseWith(rounds: readonly number[]): ReleaseCounts {
  const keys = rounds.map((round_number) => ({
    ...{ operation: 'A', assessment_type: 'BA', reporting_date: '2026-06-30', round_number },
  }));
  const counts = new Map(keys.map((key) => [keyText(key), { ...key, totals }]));
  return { counts } as unknown as ReleaseCounts;
}

const ALL = { operation: null, assessment_type: null, reporting_date: null, round_number: null };

test('the rounds that there are, are named in the order of their numbers, each once', () => {
  const releases = [releaseWith([66, 7, 1]), releaseWith([10, 7])];
  assert.deepEqual(selectCounts(releases, { ...ALL, round_number: 9 }), {
    ...{ filter: 'round_number', wanted: '9', there: ['1', '7', '10', '66'] },
  });
  assert.equal((selectCounts(releases, { ...ALL, round_number: 7 }) as unknown[]).length, 1);
});
