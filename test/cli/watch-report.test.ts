// What watch says of its turns: a problem once, not at each turn, and what was solved.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createWatchReport } from '../../lib/cli/watch-report.ts';
import type { ReleaseEvent } from '../../lib/read/watch/event.ts';
import type { Turn } from '../../lib/read/watch/turn.ts';
import type { FailedTurn } from '../../lib/read/watch/watch-source.ts';

const EVENT: ReleaseEvent = {
  ...{ id: 'published/2026-11-24.2', kind: 'published', current: null, previous: '2026-11-24.1' },
  ...{ withdrawn: [], changed: ['HTI'], areChangesKnown: true },
};

function reportOf(turns: readonly (Turn | FailedTurn)[], quiet = false): string[] {
  const said: string[] = [];
  const report = createWatchReport(
    { note: (text) => void said.push(text) },
    { quiet, again: 'at the next turn' },
  );
  for (const turn of turns) report.onTurn(turn);
  return said;
}

const unreachable = (reason: string): FailedTurn => ({ outcome: 'unreachable', reason });
const nothing: Turn = { outcome: 'nothing' };

test('a failure is said once, another one too, and then that it is over', () => {
  const turns = [
    unreachable('no network'),
    unreachable('no network'),
    unreachable('HTTP 500'),
    nothing,
    nothing,
  ];
  const problems = ['dtm-exporter: no network', 'dtm-exporter: HTTP 500'];
  assert.deepEqual(reportOf(turns), [...problems, 'The last problem is over']);
  assert.deepEqual(reportOf(turns, true), problems);
  assert.deepEqual(reportOf([...turns, unreachable('no network')], true), [...problems, problems[0]]);
  assert.deepEqual(reportOf([{ outcome: 'busy', reason: 'a\nb' }]), ['dtm-exporter: a\\u000ab']);
  assert.deepEqual(reportOf([{ outcome: 'busy', reason: 'a long command' }], true), []);
});

test('a problem is over before the command runs, not when it has ended', () => {
  const said: string[] = [];
  const report = createWatchReport({ note: (text) => void said.push(text) }, { quiet: false, again: '' });
  report.onTurn(unreachable('no network'));
  report.onStart({ event: EVENT, attempt: 1 });
  report.onTurn({ outcome: 'ran', event: EVENT, attempt: 1, end: { status: 0, signal: null } });
  assert.deepEqual(said, [
    'dtm-exporter: no network',
    'The last problem is over',
    'published/2026-11-24.2: runs the command (changed: HTI)',
    'published/2026-11-24.2: the command ended well',
  ]);
});

test('each failure of a command is said, also if it is quiet, with the attempt', () => {
  const failed = (attempt: number): Turn => ({
    ...{ outcome: 'failed', event: EVENT, attempt, end: { status: null, signal: 'SIGHUP' } },
  });
  const line = (attempt: number) =>
    `dtm-exporter: published/2026-11-24.2: the command was ended by SIGHUP (attempt ${attempt}); it runs again at the next turn`;
  assert.deepEqual(reportOf([failed(1), failed(2)], true), [line(1), line(2)]);
});

test('a start says which countries changed, or that it is not known', () => {
  const said: string[] = [];
  const { onStart } = createWatchReport(
    { note: (text) => void said.push(text) },
    { quiet: false, again: '' },
  );
  onStart({ event: EVENT, attempt: 1 });
  onStart({ event: { ...EVENT, changed: [] }, attempt: 2 });
  onStart({ event: { ...EVENT, areChangesKnown: false }, attempt: 1 });
  assert.deepEqual(
    said.map((text) => text.replace('published/2026-11-24.2: runs the command ', '')),
    [
      '(changed: HTI)',
      '(changed: no country; attempt 2)',
      '(all countries; which of them changed since 2026-11-24.1 is not known)',
    ],
  );
});
