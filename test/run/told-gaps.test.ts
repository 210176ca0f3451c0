// The operator is told once of each country without an answer, and once of its end.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { jsonBytes } from '../../lib/release/digest.ts';
import { findGapChanges } from '../../lib/run/outcome/mail/gaps.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { temporaryFolder } from '../setting.ts';

type Unit = readonly [country: string, level: number, status: string];

/** Writes a status with these units, and returns what is told on that day, recorded unless `isSent` is false. */
async function startDays(t: TestContext) {
  const store = folderStore(await temporaryFolder(t));
  const tell = async (day: number, units: readonly Unit[], isSent = true) => {
    const at = `2026-11-${String(day).padStart(2, '0')}T05:00:00.000Z`;
    const checked = units.map(([country, level, status]) => ({
      ...{
        country,
        level,
        status,
        rows: 0,
        answered_at: null,
        reason: status === 'ok' ? null : 'No answer.',
      },
    }));
    const status = { last_check: null, last_change: null, last_failure: null, units: checked };
    await store.put('status.json', jsonBytes(status), 'anything');
    const { begun, ended, record } = await findGapChanges(store, new Date(at));
    if (isSent) await record();
    return {
      begun: begun.map(({ country, units: own }) => `${country} ${own.length}`),
      ended: ended.map(({ country, since, isAsked }) => `${country} ${since.slice(8, 10)} ${isAsked}`),
    };
  };
  return { store, tell };
}

const NONE = { begun: [], ended: [] };

test('a gap is told at its begin and at its end, with the day of its begin', async (t) => {
  const { tell } = await startDays(t);
  assert.deepEqual(await tell(1, [['SDN', 0, 'ok']]), NONE);
  const gap: Unit[] = [
    ['SDN', 0, 'carried'],
    ['SDN', 1, 'failed'],
  ];
  assert.deepEqual(await tell(2, gap), { begun: ['SDN 2'], ended: [] });
  assert.deepEqual(await tell(3, gap), NONE);
  assert.deepEqual(await tell(4, [...gap, ['TCD', 0, 'failed']]), { begun: ['TCD 1'], ended: [] });
  assert.deepEqual(
    await tell(5, [
      ['SDN', 0, 'ok'],
      ['SDN', 1, 'empty'],
      ['TCD', 0, 'failed'],
    ]),
    {
      begun: [],
      ended: ['SDN 02 true'],
    },
  );
  assert.deepEqual(await tell(6, [['SDN', 0, 'failed']]), { begun: ['SDN 1'], ended: ['TCD 04 false'] });
});

test('one more level of a country without an answer is no further mail, and one that answers is no end', async (t) => {
  const { tell } = await startDays(t);
  await tell(1, [['SDN', 0, 'failed']]);
  const both: Unit[] = [
    ['SDN', 0, 'failed'],
    ['SDN', 1, 'failed'],
  ];
  assert.deepEqual(await tell(2, both), NONE);
  assert.deepEqual(
    await tell(3, [
      ['SDN', 0, 'ok'],
      ['SDN', 1, 'failed'],
    ]),
    NONE,
  );
});

test('what was not sent is told again, and a damaged record tells once more', async (t) => {
  const { store, tell } = await startDays(t);
  const gap: Unit[] = [['SDN', 0, 'failed']];
  assert.deepEqual(await tell(1, gap, false), { begun: ['SDN 1'], ended: [] });
  assert.deepEqual(await tell(1, gap), { begun: ['SDN 1'], ended: [] });
  for (const damaged of ['{', 'null', '{"countries":3}', '[]']) {
    await store.put('runs/told-gaps.json', Buffer.from(damaged), 'anything');
    assert.deepEqual(await tell(2, gap), { begun: ['SDN 1'], ended: [] }, damaged);
  }
});

test('without a status nothing is told', async (t) => {
  const { begun, ended } = await findGapChanges(folderStore(await temporaryFolder(t)), new Date());
  assert.deepEqual([begun, ended], [[], []]);
});
