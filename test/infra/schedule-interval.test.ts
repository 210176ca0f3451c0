// The longest time between two runs of a schedule.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daysBetweenRuns } from '../../infra/plugin/schedule-interval.ts';

const CASES: readonly [schedule: string, days: number][] = [
  ['cron(0 5 * * ? *)', 1],
  ['cron(0 */12 * * ? *)', 1],
  ['rate(30 minutes)', 1],
  ['rate(12 hours)', 1],
  ['rate(1 day)', 1],
  ['rate(36 hours)', 2],
  ['rate(7 days)', 7],
  ['cron(0 5 ? * MON *)', 7],
  ['cron(0 5 ? * 2 *)', 7],
  ['cron(0 5 ? * MON-FRI *)', 3],
  ['cron(0 5 ? * MON,THU *)', 4],
  ['cron(0 5 ? * 2/2 *)', 3],
  ['cron(0 5 1 * ? *)', 31],
  ['cron(0 5 1,15 * ? *)', 17],
  ['cron(0 5 1/10 * ? *)', 10],
  ['cron(0 5 L * ? *)', 31],
  ['cron(0 5 ? * MON#1 *)', 31],
  ['cron(0 5 1 JAN ? *)', 365],
  ['cron(0 5 31 FEB ? *)', Number.POSITIVE_INFINITY],
  ['daily', 0],
];

for (const [schedule, days] of CASES)
  test(`${schedule} leaves at most ${days} days between two runs`, () => {
    assert.equal(daysBetweenRuns(schedule), days);
  });
