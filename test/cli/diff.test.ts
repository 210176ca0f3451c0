// The command `diff`: words, JSON and rows, compared with the files of the releases and their change logs.
import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { serveDataset } from '../../lib/read/serve.ts';
import type { DiffReport } from '../../lib/read/since/diff-report.ts';
import { parseJson } from '../../lib/release/digest.ts';
import { prune } from '../../lib/retire/prune.ts';
import { withdrawRelease } from '../../lib/retire/withdraw.ts';
import type { Store } from '../../lib/store/store.ts';
import { findSchemaProblems } from '../../lib/verify/json-schemas.ts';
import { publishRevisions } from '../read/since/publish-revisions.ts';
import { duckdb, readCsv, runInThisProcess, skipSchemaCheck, temporaryFolder } from '../setting.ts';

const NOW = new Date('2026-11-29T00:00:00Z');

/** Four releases: a figure of Afghanistan changes twice, Chad gets a count and loses it, Sudan renames an operation. */
const WORLDS = [
  [],
  ['changed=1000@AFG', 'new-round=2026-10-31@TCD'],
  ['changed=700@AFG'],
  ['changed=700@AFG', 'renamed=Another name@SDN'],
];

const runDiff = (...args: string[]) => runInThisProcess(['diff', ...args]);

async function diffReport(...args: string[]): Promise<DiffReport> {
  const { exit, stdout, stderr } = await runDiff(...args, '--json');
  assert.deepEqual([exit, stderr], [0, '']);
  const report = JSON.parse(stdout);
  assert.deepEqual(findSchemaProblems('diff', report), []);
  return report;
}

const expireAllButNewest = (store: Store) =>
  prune(store, { publicUrl: null, keepNewest: 1, keepMonthly: 0, notice: 0, keepRuns: 7, now: NOW });

const withdraw = (store: Store, release: string, reason = 'counted twice') =>
  withdrawRelease(store, release, { reason, now: NOW, publicUrl: null, announcer: null });

/** The report without what says how the rows were found. */
function changesOf({ from, to, compared, ...changes }: DiffReport) {
  const withoutLabels = <T extends { relabelled: number | null }>({ relabelled: _, ...amounts }: T) =>
    amounts;
  const { relabelled: _, ...rest } = changes;
  return {
    ...rest,
    tables: changes.tables.map(withoutLabels),
    countries: changes.countries.map(withoutLabels),
    operations: changes.operations.map(withoutLabels),
  };
}

test('between neighbours diff says what changes/changes.json says, and its rows are those of the change logs', async (t) => {
  const { folder, releases } = await publishRevisions(t, WORLDS);
  const out = await temporaryFolder(t);
  for (const [at, release] of releases.slice(1).entries()) {
    const before = releases[at] as string;
    const csv = join(out, `${release}.csv`);
    const { dataset, synthetic, from, to, compared, counts, ...changes } = await diffReport(
      ...[folder, before, release, '--csv', csv],
    );
    const root = join(folder, 'releases', release, 'changes');
    const {
      release: _,
      supersedes,
      ...published
    } = parseJson(await readFile(join(root, 'changes.json'))) as Record<string, unknown>;
    assert.deepEqual(changes, published);
    assert.deepEqual([from.release, to.release, dataset, synthetic], [supersedes, release, 'dtm-idp', true]);
    for (const table of ['admin0', 'admin1', 'admin2']) {
      const columns = 'change, operation, old_num_present_idp_ind, new_num_present_idp_ind';
      const cast = (from: string): string =>
        `SELECT ${columns.replaceAll(/(old|new)_\w+/g, 'CAST($& AS INTEGER)')} FROM ${from}`;
      assert.deepEqual(
        await duckdb(`${cast(readCsv(csv))} WHERE "table" = '${table}'`),
        await duckdb(cast(`'${join(root, `${table}.parquet`)}'`)),
        `${release} ${table}`,
      );
    }
  }
});

test('over several releases only what differs at both ends counts, in words by country and operation', async (t) => {
  const { folder, releases } = await publishRevisions(t, WORLDS);
  const { exit, stdout } = await runDiff(folder, releases[0] as string);
  assert.equal(exit, 0);
  const text = stdout.split('\n');
  assert.match(
    stdout,
    /^From release 2026-11-20\.1, published 2026-11-20 05:10 UTC\nto release {3}2026-11-23\.1/,
  );
  assert.match(stdout, /\n2 of 3 countries changed\. Rows: admin0 \d+ added, \d+ removed, 1 changed; admin1/);
  assert.ok(text.includes('Afghanistan (AFG)') && text.includes('Sudan (SDN)') && !stdout.includes('Chad'));
  assert.match(
    stdout,
    /\n {4}1 revised count\n {6}revised {2}20\d\d-\d\d-\d\d round \d+ BA: [\d,]+ -> [\d,]+ \(\+700\)\n/,
  );
  assert.match(stdout, /: renamed to Another name, all else is the same\n/);
  assert.match(stdout, /never add rows or persons of two levels\.\n$/);
  const one = await runDiff(folder, '2026-11-21', '2026-11-22', '--countries', 'TCD', '--tables', 'admin0');
  assert.match(
    one.stdout,
    /Chad \(TCD\)\n.*\n {4}1 gone count\n {6}gone {5}2026-10-31 round \d+ BA: was [\d,]+\n/,
  );
  const same = await runDiff(folder, releases[3] as string, releases[3] as string);
  assert.deepEqual([same.exit, same.stderr], [0, '']);
  assert.match(same.stdout, /\nNothing changed in admin0, admin1, admin2 of 3 countries\.\n$/);
  const back = await runDiff(folder, releases[3] as string, releases[0] as string);
  assert.match(back.stdout, /Note: 2026-11-20\.1 is the older of the two\.\n/);
});

test('of expired releases diff says the same from their change logs, and that it does', async (t) => {
  const { folder, store, releases } = await publishRevisions(t, WORLDS);
  const pairs = [0, 1, 2].flatMap((from) =>
    [1, 2, 3].map((to) => [releases[from], releases[to]] as string[]),
  );
  const before = [];
  for (const pair of pairs) before.push(await diffReport(folder, ...pair));
  assert.equal((await expireAllButNewest(store)).releases.length, 3);
  for (const [at, pair] of pairs.entries()) {
    const after = await diffReport(folder, ...pair);
    assert.deepEqual(changesOf(after), changesOf(before[at] as DiffReport), pair.join());
    assert.equal(after.relabelled, null);
  }
  const { from, to, compared } = await diffReport(folder, releases[0] as string);
  assert.deepEqual([from.rebuilt_from, from.change_logs], [releases[3], releases.slice(1).toReversed()]);
  assert.deepEqual([to.rebuilt_from, to.change_logs, compared.labels], [null, [], false]);
  const { stdout } = await runDiff(folder, '2026-11-20');
  assert.match(
    stdout,
    /\nNote: the data files of 2026-11-20\.1 are gone\. Its rows were rebuilt from release 2026-11-23\.1 and 3 change logs\.\nNote: operation_status and is_latest were not compared\.\n/,
  );
});

test('a withdrawn release is compared by the change log of the next one, and nothing is compared over it', async (t) => {
  const { folder, store, releases } = await publishRevisions(t, WORLDS);
  const taken = releases[1] as string;
  const expected = changesOf(await diffReport(folder, taken, releases[3] as string));
  await withdraw(store, taken);
  const report = await diffReport(folder, taken);
  assert.deepEqual(changesOf(report), expected);
  assert.equal(report.from.withdrawn?.reason, 'counted twice');
  const { stdout } = await runDiff(folder, taken);
  assert.match(
    stdout,
    /^From release 2026-11-21\.1, published .* UTC, withdrawn on 2026-11-29: counted twice\n/,
  );
  const to = await runDiff(folder, releases[0] as string, taken);
  assert.deepEqual([to.exit, to.stdout], [2, '']);
  assert.match(
    to.stderr,
    /release 2026-11-21\.1 was withdrawn \(counted twice\), so nothing is compared with/,
  );
  await expireAllButNewest(store);
  const over = await runDiff(folder, releases[0] as string);
  assert.deepEqual([over.exit, over.stdout], [2, '']);
  assert.match(
    over.stderr,
    /^dtm-exporter: release 2026-11-20\.1: its data files were kept until .*, because the change log of 2026-11-21\.1 went when it was withdrawn; give 2026-11-22\.1, the nearest that can be compared\n$/,
  );
});

test('the last release, withdrawn before another stood on it, cannot be compared', async (t) => {
  const { folder, store, releases } = await publishRevisions(t, WORLDS.slice(0, 2));
  await withdraw(store, releases[1] as string);
  const { exit, stderr } = await runDiff(folder, releases[1] as string);
  assert.equal(exit, 2);
  assert.match(
    stderr,
    /release 2026-11-21\.1: it was withdrawn \(counted twice\), and no chain .* give 2026-11-20\.1,/,
  );
});

test('a wrong release, country or place is named with what there is', async (t) => {
  const { folder } = await publishRevisions(t, WORLDS.slice(0, 2));
  const cases: [string[], RegExp][] = [
    [
      ['2026-11-24.7'],
      /expected one of the 2 releases from 2026-11-20\.1 to 2026-11-21\.1, or a day \(the first was published on 2026-11-20\), got 2026-11-24\.7, which was never published here$/,
    ],
    [['2026-11-19'], /2026-11-19: no release was current at the end of that day; expected one of/],
    [
      ['2026-11-20', '--countries', 'HTI'],
      /--countries: neither 2026-11-20\.1 nor 2026-11-21\.1 has rows of HTI; expected some of AFG, SDN, TCD$/,
    ],
  ];
  for (const [args, line] of cases) {
    const { exit, stdout, stderr } = await runDiff(folder, ...args);
    assert.deepEqual([exit, stdout], [2, ''], args.join());
    assert.equal(stderr.trimEnd().split('\n').length, 1);
    assert.match(stderr.trimEnd(), line);
  }
});

test('a damaged file ends diff with 1 and leaves no CSV, not even a part of one', async (t) => {
  const { folder, releases } = await publishRevisions(t, WORLDS);
  const path = join(folder, `releases/${releases[3]}/parquet/admin1/country=SDN/admin1-SDN.parquet`);
  await rm(path);
  await writeFile(path, 'no Parquet');
  skipSchemaCheck(folder);
  const out = await temporaryFolder(t);
  await writeFile(join(out, 'rows.csv'), 'as it was');
  const { exit, stdout, stderr } = await runDiff(
    folder,
    releases[0] as string,
    '--csv',
    join(out, 'rows.csv'),
  );
  assert.deepEqual([exit, stdout], [1, '']);
  assert.match(stderr, /admin1-SDN\.parquet is damaged: expected SHA-256/);
  assert.deepEqual(await readdir(out), ['rows.csv']);
  assert.equal(await readFile(join(out, 'rows.csv'), 'utf8'), 'as it was');
});

test('a change log that is missing ends diff with an error that names it', async (t) => {
  const { folder, store, releases } = await publishRevisions(t, WORLDS);
  await expireAllButNewest(store);
  const changed = join(folder, `releases/${releases[2]}/changes/admin0.parquet`);
  await rm(changed);
  skipSchemaCheck(folder);
  const { exit, stderr } = await runDiff(folder, releases[0] as string);
  assert.equal(exit, 1);
  assert.match(stderr, /changes\/admin0\.parquet is damaged: missing/);
});

/** The paths that are asked for while `work` runs over a server. */
async function requestsOf(
  t: TestContext,
  store: Store,
  work: (url: string) => Promise<void>,
): Promise<string[]> {
  const asked: string[] = [];
  const get: Store['get'] = (key, range) => {
    asked.push(key);
    return store.get(key, range);
  };
  const counting: Store = { ...store, get };
  const { url, close } = await serveDataset(counting, { port: 0, visibility: 'private', onError: () => {} });
  t.after(close);
  await work(url);
  return asked;
}

test('over the web diff reads the files of changed countries only', async (t) => {
  const { store, releases } = await publishRevisions(t, WORLDS);
  const asked = await requestsOf(t, store, async (url) => {
    const report = await diffReport(url, releases[2] as string);
    assert.deepEqual([report.compared.countries, report.compared.countries_read], [3, 1]);
  });
  const data = asked.filter((key) => key.includes('/parquet/'));
  assert.equal(data.length, 6);
  assert.ok(
    data.every((key) => key.includes('country=SDN')),
    data.join(),
  );
});

test('without the pointer diff says so, and compares with a release that is named', async (t) => {
  const { folder, releases } = await publishRevisions(t, WORLDS.slice(0, 2));
  await rm(join(skipSchemaCheck(folder), 'latest.json'));
  const [from, to] = releases as [string, string];
  const { exit, stdout, stderr } = await runDiff(folder, from);
  assert.deepEqual([exit, stdout], [2, '']);
  assert.match(stderr, /because latest\.json is missing; name the release to compare with, or wait until a/);
  assert.equal((await runDiff(folder, from, to)).exit, 0);
});

test('the address of the page, or of another file, is refused with the one to give', async (t) => {
  const { store, releases } = await publishRevisions(t, WORLDS.slice(0, 1));
  await requestsOf(t, store, async (url) => {
    for (const file of ['index.html', 'latest.json', `releases/${releases[0]}/manifest.json`]) {
      const { exit, stderr } = await runDiff(new URL(file, `${url}/`).href, '2026-11-20');
      assert.equal(exit, 2);
      assert.match(stderr, /(html|json): no release is published here; give the address of the folder that/);
    }
  });
});

test('--csv - prints rows alone, with a header also if nothing changed', async (t) => {
  const { folder, releases } = await publishRevisions(t, WORLDS.slice(0, 2));
  const rows = await runDiff(folder, releases[0] as string, '--csv', '-', '--tables', 'admin0');
  const lines = rows.stdout.trimEnd().split('\n');
  assert.match(lines[0] ?? '', /^"table","change","admin0_name","admin0_pcode","admin1_name",/);
  assert.deepEqual(
    lines.slice(1).map((line) => line.split(',').slice(0, 2).join()),
    ['"admin0","changed"', '"admin0","added"'],
  );
  const none = await runDiff(folder, releases[1] as string, '--csv', '-');
  assert.deepEqual(none.stdout.trimEnd().split('\n'), [lines[0]]);
});
