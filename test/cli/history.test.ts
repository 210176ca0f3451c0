// The command `history`: every value of a count, compared with the snapshots of each release.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { serveDataset } from '../../lib/read/serve.ts';
import type { CountHistory } from '../../lib/read/since/count-history.ts';
import type { HistoryReport } from '../../lib/read/since/history-report.ts';
import { prune } from '../../lib/retire/prune.ts';
import { withdrawRelease } from '../../lib/retire/withdraw.ts';
import type { Store } from '../../lib/store/store.ts';
import { findSchemaProblems } from '../../lib/verify/json-schemas.ts';
import { publishRevisions } from '../read/since/publish-revisions.ts';
import { duckdb, readCsv, runInThisProcess, temporaryFolder } from '../setting.ts';

const NOW = new Date('2026-11-29T00:00:00Z');

/** A figure of Afghanistan is revised twice; Chad has a count, loses it, and has it again. */
const WORLDS = [
  [],
  ['changed=1000@AFG', 'new-round=2026-10-31@TCD'],
  ['changed=1000@AFG'],
  ['changed=700@AFG', 'new-round=2026-10-31@TCD'],
  ['changed=700@AFG', 'new-round=2026-10-31@TCD', 'changed@SDN'],
];

const runHistory = (...args: string[]) => runInThisProcess(['history', ...args]);

async function historyReport(...args: string[]): Promise<HistoryReport> {
  const { exit, stdout, stderr } = await runHistory(...args, '--json');
  assert.deepEqual([exit, stderr], [0, '']);
  const report = JSON.parse(stdout);
  assert.deepEqual(findSchemaProblems('history', report), []);
  return report;
}

const expireAllButNewest = (store: Store) =>
  prune(store, { publicUrl: null, keepNewest: 1, keepMonthly: 0, notice: 0, keepRuns: 7, now: NOW });

const revised = ({ counts }: HistoryReport): CountHistory => {
  const [only, ...others] = counts.filter(({ values }) => values.length > 1);
  assert.deepEqual(others, []);
  return only ?? assert.fail('no count with several values');
};

test('each value is listed once with the release that brought it, and is that of its snapshots', async (t) => {
  const { folder, releases } = await publishRevisions(t, WORLDS);
  for (const level of [0, 1, 2]) {
    const report = await historyReport(folder, '--country', 'AFG', '--level', String(level));
    const { values, operation, assessment_type, reporting_date, round_number } = revised(report);
    assert.deepEqual(
      values.map(({ release, change, certain }) => [release, change, certain]),
      [
        [releases[0], 'first', true],
        [releases[1], 'revised', true],
        [releases[3], 'revised', true],
      ],
    );
    const [first, second, third] = values.map(({ totals }) => totals?.idps as number);
    assert.deepEqual([(second ?? 0) - (first ?? 0), (third ?? 0) - (second ?? 0)], [1000, -300]);
    for (const { release, totals } of values) {
      const path = join(folder, `releases/${release}/tables/snapshots/snapshots.parquet`);
      const [row] = await duckdb(`
        SELECT rows, idps::INTEGER AS idps, males::INTEGER AS males, females::INTEGER AS females FROM '${path}'
        WHERE level = ${level} AND admin0_pcode = 'AFG' AND operation = '${operation}'
          AND assessment_type = '${assessment_type}' AND reporting_date = '${reporting_date}'
          AND round_number = ${round_number}`);
      assert.deepEqual(row, totals);
    }
  }
});

test('a count that came, went and came again says so, in words', async (t) => {
  const { folder, releases } = await publishRevisions(t, WORLDS);
  const report = await historyReport(folder, '--country', 'TCD', '--date', '2026-10-31');
  assert.deepEqual(
    revised(report).values.map(({ release, change, totals }) => [release, change, totals === null]),
    [
      [releases[1], 'new', false],
      [releases[2], 'gone', true],
      [releases[3], 'again', false],
    ],
  );
  const { stdout } = await runHistory(folder, '--country', 'TCD', '--date', '2026-10-31');
  assert.match(
    stdout,
    /^TCD, level 0: 1 count in 5 releases, 1 with more than one value\n\n.*, BA, 2026-10-31, round \d+\n/,
  );
  assert.match(
    stdout,
    /\n {2}2026-11-21\.1 +2026-11-21 +[\d,]+ {2}came\n {2}2026-11-22\.1 +2026-11-22 +- {2}gone\n {2}2026-11-23\.1 .* there again\n$/,
  );
  const afg = await runHistory(folder, '--country', 'AFG');
  assert.match(afg.stdout, / {2}was there at first\n.* {2}revised by \+1,000\n.* {2}revised by -300\n/);
});

test('the values of expired releases come from their change logs, and are the same', async (t) => {
  const { folder, store } = await publishRevisions(t, WORLDS);
  const before = [];
  for (const country of ['AFG', 'TCD', 'SDN']) before.push(await historyReport(folder, '--country', country));
  await expireAllButNewest(store);
  for (const report of before)
    assert.deepEqual((await historyReport(folder, '--country', report.country)).counts, report.counts);
});

test('the values of a withdrawn release are left out, and the next value is not certain', async (t) => {
  const { folder, store, releases } = await publishRevisions(t, WORLDS);
  const options = { reason: 'counted twice', now: NOW, publicUrl: null, announcer: null };
  await withdrawRelease(store, releases[1] as string, options);
  const report = await historyReport(folder, '--country', 'AFG');
  assert.deepEqual(
    report.unknown.map(({ release, reason }) => [release, reason]),
    [[releases[1], 'it was withdrawn (counted twice)']],
  );
  assert.deepEqual(
    revised(report).values.map(({ release, certain }) => [release, certain]),
    [
      [releases[0], true],
      [releases[2], false],
      [releases[3], true],
    ],
  );
  const { stdout } = await runHistory(folder, '--country', 'AFG');
  assert.match(
    stdout,
    /\nNote: the values of 2026-11-21\.1 are not known: it was withdrawn \(counted twice\)\.\n/,
  );
  assert.match(stdout, /revised by \+1,000 \(or a release just before, which is not known\)\n/);
  await expireAllButNewest(store);
  const later = await historyReport(folder, '--country', 'AFG');
  assert.equal(later.known_from, releases[2]);
  assert.match(later.unknown[0]?.reason ?? '', /kept until .*, and the change log of 2026-11-21\.1 went/);
  assert.deepEqual(
    revised(later).values.map(({ change, certain }) => [change, certain]),
    [
      ['first', false],
      ['revised', true],
    ],
  );
});

test('if the values of no release are known, history says why, not that there are none', async (t) => {
  const { folder, store, releases } = await publishRevisions(t, WORLDS.slice(0, 1));
  const options = { reason: 'wrong', now: NOW, publicUrl: null, announcer: null };
  await withdrawRelease(store, releases[0] as string, options);
  const { exit, stdout, stderr } = await runHistory(folder, '--country', 'AFG');
  assert.deepEqual([exit, stdout], [2, '']);
  assert.match(
    stderr,
    /: the values of no release are known any more; of the newest, 2026-11-20\.1: it was withdrawn \(wrong\)$/m,
  );
});

test('--csv has a line for every value', async (t) => {
  const { folder } = await publishRevisions(t, WORLDS.slice(0, 2));
  const out = join(await temporaryFolder(t), 'values.csv');
  const report = await historyReport(folder, '--country', 'AFG', '--csv', out);
  const rows = await duckdb(`SELECT * FROM ${readCsv(out)}`);
  assert.equal(rows.length, report.counts.flatMap(({ values }) => values).length);
  const last = revised(report).values.at(-1);
  const row = rows.find(({ change }) => change === 'revised');
  assert.deepEqual(
    [row?.release, row?.certain, row?.idps],
    [last?.release, 'true', String(last?.totals?.idps)],
  );
  const { stdout } = await runHistory(folder, '--country', 'AFG', '--csv', '-');
  assert.equal(stdout, await readFile(out, 'utf8'));
});

test('a value of an option that no count has is named with those that there are', async (t) => {
  const { folder } = await publishRevisions(t, WORLDS.slice(0, 1));
  const cases: [string[], RegExp][] = [
    [
      ['--operation', 'None'],
      /^dtm-exporter: --operation: expected one that TCD has there: ("[^"]+", )*"[^"]+"; got "None"$/,
    ],
    [['--type', 'XX'], /--type: expected one that TCD has there: .*BA.*; got "XX"$/],
    [['--date', '1999-01-01'], /--date: expected one that TCD has there: 20\d\d-.*; got "1999-01-01"$/],
    [['--round', '999'], /--round: expected one that TCD has there: \d.*; got "999"$/],
  ];
  for (const [args, line] of cases) {
    const { exit, stdout, stderr } = await runHistory(folder, '--country', 'TCD', ...args);
    assert.deepEqual([exit, stdout], [2, ''], args.join());
    assert.match(stderr.trimEnd(), line);
  }
  const { exit, stderr } = await runHistory(folder, '--country', 'HTI');
  assert.equal(exit, 2);
  assert.match(stderr, /no release that is known has rows of HTI at level 0; `dtm-exporter status/);
});

/** Serves a dataset, and collects the paths that are asked for. */
async function serveAndCollect(t: TestContext, store: Store): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const get: Store['get'] = (key, range) => {
    asked.push(key);
    return store.get(key, range);
  };
  const served = await serveDataset({ ...store, get }, { port: 0, visibility: 'private', onError: () => {} });
  t.after(served.close);
  return { url: served.url, asked };
}

test('over the web only releases in which the country changed are read, one file of each', async (t) => {
  const { store, releases } = await publishRevisions(t, WORLDS);
  const { url, asked } = await serveAndCollect(t, store);
  const report = await historyReport(url, '--country', 'AFG');
  assert.deepEqual([report.releases, report.releases_read], [5, 3]);
  const data = asked.filter((key) => key.includes('.parquet'));
  assert.equal(data.length, 3);
  assert.ok(data.every((key) => key.endsWith('parquet/admin0/country=AFG/admin0-AFG.parquet')));
  for (const at of [1, 3]) assert.ok(!data.some((key) => key.includes(releases[at] as string)));
});
