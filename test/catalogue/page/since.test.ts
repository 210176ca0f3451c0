// What the page says about earlier releases: the steps between, their sums, and what a withdrawal leaves of them.
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pageFiles } from '../../../lib/catalogue/page/asset-references.ts';
import { readSince } from '../../../lib/catalogue/page/charts/read-since.ts';
import type { SinceData } from '../../../lib/catalogue/page/charts/since-data.ts';
import { sumSteps } from '../../../lib/catalogue/page/charts/sum-steps.ts';
import { readCurrent } from '../../../lib/catalogue/pointer.ts';
import { readReleases } from '../../../lib/catalogue/release-list.ts';
import type { DiffReport } from '../../../lib/read/since/diff-report.ts';
import { sha256 } from '../../../lib/release/digest.ts';
import type { Manifest } from '../../../lib/release/manifest.ts';
import { prune } from '../../../lib/retire/prune.ts';
import { withdrawRelease } from '../../../lib/retire/withdraw.ts';
import type { Store } from '../../../lib/store/store.ts';
import { publishRevisions } from '../../read/since/publish-revisions.ts';
import { readFilesBelow, runInThisProcess, skipSchemaCheck } from '../../setting.ts';

const NOW = new Date('2026-11-29T00:00:00Z');

const WORLDS = [
  [],
  ['changed=1000@AFG', 'new-round=2026-10-31@TCD'],
  ['changed=700@AFG'],
  ['changed=700@AFG', 'new-round@TCD', 'renamed=Another name@SDN'],
];

async function sinceOf(store: Store): Promise<SinceData> {
  const { manifest } = await readCurrent(store);
  const listed = await readReleases(store);
  const data = await readSince(store, { manifest: manifest as Manifest, listed }, { TCD: 'Chad' });
  return data ?? assert.fail('no earlier release');
}

test('the totals then and now are those of diff, for every release of the list', async (t) => {
  const { folder, store, releases } = await publishRevisions(t, WORLDS);
  const data = await sinceOf(store);
  assert.deepEqual(
    data.steps.map(({ from }) => from),
    releases.slice(0, -1).toReversed(),
  );
  for (const from of releases.slice(0, -1)) {
    const { stdout } = await runInThisProcess(['diff', folder, from, '--json']);
    const report: DiffReport = JSON.parse(stdout);
    const since = sumSteps(data, from) ?? assert.fail(from);
    const shown = since.countries.flatMap(({ counts }) =>
      counts.map(({ country, operation, type, date, round, change, before, after }) => ({
        ...{ country, operation, type, date, round, change },
        before: change === 'new' ? null : before,
        after: change === 'gone' ? null : after,
      })),
    );
    const expected = report.counts
      .filter(({ level, before, after }) => level === 0 && before?.idps !== after?.idps)
      .map((count) => ({
        ...{ country: count.country, operation: count.operation, type: count.assessment_type },
        ...{ date: count.reporting_date, round: count.round_number, change: count.change },
        ...{ before: count.before?.idps ?? null, after: count.after?.idps ?? null },
      }));
    const inOrder = (rows: object[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
    assert.deepEqual(inOrder(shown), inOrder(expected), from);
    assert.ok(shown.length > 0);
  }
});

test('a count that came and went again is no difference, and its country is named as changed within', async (t) => {
  const { store, releases } = await publishRevisions(t, WORLDS.slice(0, 3));
  const since = sumSteps(await sinceOf(store), releases[0] as string);
  assert.deepEqual(
    since?.countries.map(({ code }) => code),
    ['AFG'],
  );
  assert.deepEqual(since?.others, ['TCD']);
  assert.equal(sumSteps(await sinceOf(store), '2020-01-01.1'), null);
});

test('expired releases stay in the list, because their change logs stay', async (t) => {
  const { store } = await publishRevisions(t, WORLDS);
  const before = await sinceOf(store);
  await prune(store, { publicUrl: null, keepNewest: 1, keepMonthly: 0, notice: 0, keepRuns: 7, now: NOW });
  assert.deepEqual(await sinceOf(store), before);
});

test('after a withdrawal no file of the page holds the withdrawn figures, and the list ends before them', async (t) => {
  const { folder, store, releases } = await publishRevisions(t, WORLDS);
  const withdrawn = releases[1] as string;
  const data = await sinceOf(store);
  const step = data.steps.find(({ from }) => from === withdrawn);
  assert.ok(step && step.deltas.length > 0);
  await withdrawRelease(store, withdrawn, { reason: 'wrong', now: NOW, publicUrl: null, announcer: null });
  const page = await readFile(join(folder, 'index.html'));
  const scripts = pageFiles(page).filter((path) => path.includes('picture-since'));
  assert.equal(scripts.length, 1);
  const files = await readFilesBelow(join(folder, 'assets'));
  const there = [...files.keys()].filter((path) => path.includes('picture-since'));
  assert.deepEqual(there, [join(folder, scripts[0] as string)]);
  const text = String(files.get(there[0] as string));
  assert.ok(!text.includes(withdrawn) && !text.includes(releases[0] as string), text);
  const after = await sinceOf(store);
  assert.deepEqual(
    after.steps.map(({ from }) => from),
    [releases[2]],
  );
});

test('a damaged change log ends the list; the page is written', async (t) => {
  const { folder, store, releases } = await publishRevisions(t, WORLDS);
  const path = join(folder, `releases/${releases[2]}/changes/admin0.parquet`);
  await rm(path);
  await writeFile(path, 'no Parquet');
  skipSchemaCheck(folder);
  assert.deepEqual(
    (await sinceOf(store)).steps.map(({ from }) => from),
    [releases[2]],
  );
});

test('a manifest with another hash, or without a usable entry of the log, ends the list', async (t) => {
  const { folder, store, releases } = await publishRevisions(t, WORLDS.slice(0, 3));
  skipSchemaCheck(folder);
  const { manifest } = await readCurrent(store);
  const path = join(folder, `releases/${releases[1]}/manifest.json`);
  const { files, ...rest } = JSON.parse(await readFile(path, 'utf8')) as Manifest;
  const without = (value: object) => files.map((file) => ({ ...file, ...(isLog(file) ? value : {}) }));
  const isLog = (file: Manifest['files'][number]): boolean => file.path === 'changes/admin0.parquet';
  const texts = [
    '{',
    JSON.stringify(rest),
    JSON.stringify({ ...rest, files: files.filter((file) => !isLog(file)) }),
    JSON.stringify({ ...rest, files: without({ bytes: '9' }) }),
    JSON.stringify({ ...rest, files: without({ sha256: 'f'.repeat(64) }) }),
  ];
  const steps = async (text: string, hash?: string) => {
    await rm(path);
    await writeFile(path, text);
    const listed = (await readReleases(store)).map((entry) =>
      entry.release === releases[1] && hash ? { ...entry, manifest_sha256: hash } : entry,
    );
    const data = await readSince(store, { manifest: manifest as Manifest, listed }, {});
    return data?.steps.map(({ from }) => from);
  };
  for (const text of texts)
    assert.deepEqual(await steps(text, sha256(Buffer.from(text))), [releases[1]], text.slice(0, 40));
  assert.deepEqual(await steps(JSON.stringify({ ...rest, files }, null, 3)), [releases[1]], 'another hash');
});

test('a first release has no such section, a second one does', async (t) => {
  const { folder, store } = await publishRevisions(t, WORLDS.slice(0, 1));
  const { manifest } = await readCurrent(store);
  assert.equal(
    await readSince(store, { manifest: manifest as Manifest, listed: await readReleases(store) }, {}),
    null,
  );
  assert.ok(!String(await readFile(join(folder, 'index.html'))).includes('id="since"'));
  const second = await publishRevisions(t, WORLDS.slice(0, 2));
  const page = String(await readFile(join(second.folder, 'index.html')));
  assert.match(page, /<option value="2026-11-20\.1" data-published="2026-11-20T/);
  assert.match(page, /<a href="releases\/2026-11-21\.1\/changes\/changes\.json">changes<\/a>/);
  assert.match(page, /<noscript>.*“changes” says/);
});
