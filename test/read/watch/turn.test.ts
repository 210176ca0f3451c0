// What a watcher's command gets told, over real folders, a real web server and a real shell.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { serveDataset } from '../../../lib/read/serve.ts';
import { takeTurn } from '../../../lib/read/watch/turn.ts';
import { jsonBytes, sha256 } from '../../../lib/release/digest.ts';
import { DamagedFileError } from '../../../lib/release/manifest.ts';
import { webStore } from '../../../lib/store/web/web-store.ts';
import { startTinyS3 } from '../../store/s3/start-tiny-s3.ts';
import { COUNTRIES, publish, turnOptions, watchSetting, withdrawCurrent } from './watched-dataset.ts';

test('the first release seen is a release with all countries, and is seen once', async (t) => {
  const { folder, store, look } = await watchSetting(t);
  const release = await publish(store, null);
  const manifest = join(folder, 'releases', release, 'manifest.json');
  const { turn, got } = await look();
  assert.equal(turn.outcome, 'ran');
  assert.deepEqual(got, {
    EVENT: 'published',
    EVENT_ID: `published/${release}`,
    ATTEMPT: '1',
    SOURCE: folder,
    RELEASE: release,
    MANIFEST: manifest,
    MANIFEST_SHA256: sha256(await readFile(manifest)),
    CHANGED_COUNTRIES: COUNTRIES.join(','),
    CHANGES_KNOWN: 'no',
    PREVIOUS_RELEASE: '',
    WITHDRAWN: '',
  });
  assert.deepEqual(await look(), { turn: { outcome: 'nothing' }, got: null });
});

test('after releases that were missed, the changes of all of them are told', async (t) => {
  const { store, look } = await watchSetting(t);
  const first = await publish(store, null);
  await look();
  for (const changed of [['TCD'], [], ['AFG']]) await publish(store, changed);
  const { got } = await look();
  assert.equal(got?.CHANGED_COUNTRIES, 'AFG,TCD');
  assert.equal(got?.CHANGES_KNOWN, 'yes');
  assert.equal(got?.PREVIOUS_RELEASE, first);
  assert.equal(got?.RELEASE, '2026-11-24.4');
});

test('if a release between is not in the list, or does not say what changed, all countries are told', async (t) => {
  for (const damage of ['unlisted', 'unknown'] as const) {
    const { store, look } = await watchSetting(t);
    await publish(store, null);
    await look();
    await publish(store, damage === 'unknown' ? null : ['TCD']);
    await publish(store, ['TCD']);
    if (damage === 'unlisted') await store.delete('releases.json');
    const { got } = await look();
    assert.deepEqual([got?.CHANGED_COUNTRIES, got?.CHANGES_KNOWN], [COUNTRIES.join(','), 'no'], damage);
  }
});

test('a withdrawal is told once, with the release that is current again, which is not told as new', async (t) => {
  const { store, look } = await watchSetting(t);
  const first = await publish(store, null);
  await look();
  const second = await publish(store, ['HTI']);
  await look();
  await withdrawCurrent(store);
  const { got } = await look();
  assert.equal(got?.EVENT, 'withdrawn');
  assert.equal(got?.EVENT_ID, `withdrawn/${second}`);
  assert.deepEqual([got?.RELEASE, got?.PREVIOUS_RELEASE, got?.WITHDRAWN], [first, second, second]);
  assert.deepEqual([got?.CHANGED_COUNTRIES, got?.CHANGES_KNOWN], ['HTI', 'yes']);
  assert.equal((await look()).got, null);
  await publish(store, ['TCD']);
  const next = (await look()).got;
  assert.deepEqual([next?.EVENT, next?.CHANGED_COUNTRIES, next?.WITHDRAWN], ['published', 'TCD', '']);
});

test('a release after a withdrawal that was missed tells the changes of both, and what was withdrawn', async (t) => {
  const { store, look } = await watchSetting(t);
  await publish(store, null);
  const second = await publish(store, ['HTI']);
  await look();
  await withdrawCurrent(store);
  await publish(store, ['TCD']);
  const { got } = await look();
  assert.deepEqual([got?.EVENT, got?.EVENT_ID], ['published', 'published/2026-11-24.3']);
  assert.deepEqual([got?.CHANGED_COUNTRIES, got?.WITHDRAWN], ['HTI,TCD', second]);
});

test('the withdrawal of the only release leaves no release, and the next one is told with all countries', async (t) => {
  const { store, look } = await watchSetting(t);
  const only = await publish(store, null);
  await look();
  await withdrawCurrent(store);
  const { got } = await look();
  assert.deepEqual(
    [got?.EVENT_ID, got?.RELEASE, got?.MANIFEST, got?.MANIFEST_SHA256, got?.WITHDRAWN],
    [`withdrawn/${only}`, '', '', '', only],
  );
  assert.equal((await look()).got, null);
  await publish(store, ['HTI']);
  assert.equal((await look()).got?.CHANGED_COUNTRIES, COUNTRIES.join(','));
});

test('a pointer that goes back without a withdrawal runs nothing, and neither does its return', async (t) => {
  const { store, folder, look } = await watchSetting(t);
  await publish(store, null);
  await look();
  const old = await readFile(join(folder, 'latest.json'));
  await publish(store, ['HTI']);
  await look();
  const current = await readFile(join(folder, 'latest.json'));
  for (const list of ['listed', 'unlisted']) {
    if (list === 'unlisted') await store.delete('releases.json');
    await writeFile(join(folder, 'latest.json'), old);
    for (let looks = 0; looks < 2; looks++) {
      const { turn, got } = await look();
      assert.equal(got, null, list);
      assert.match('reason' in turn ? turn.reason : '', /went back from release 2026-11-24\.2, which is not/);
    }
    await writeFile(join(folder, 'latest.json'), current);
    assert.deepEqual(await look(), { turn: { outcome: 'nothing' }, got: null });
  }
});

test('a command for some countries runs only if one of them changed, or what it knows was withdrawn', async (t) => {
  const { store, look } = await watchSetting(t);
  const only = { watcher: { countries: ['HTI', 'SDN'] } };
  const first = await publish(store, null);
  assert.equal((await look(only)).got?.CHANGED_COUNTRIES, 'HTI');
  await publish(store, ['TCD']);
  assert.equal((await look(only)).turn.outcome, 'unwanted');
  assert.equal((await look(only)).turn.outcome, 'nothing');
  await publish(store, ['AFG']);
  await publish(store, ['AFG', 'HTI']);
  const { got } = await look(only);
  assert.deepEqual([got?.CHANGED_COUNTRIES, got?.PREVIOUS_RELEASE], ['HTI', first]);
  await publish(store, ['TCD']);
  await look(only);
  assert.equal(await withdrawCurrent(store), '2026-11-24.5');
  assert.equal((await look(only)).turn.outcome, 'unwanted', 'it never ran for the withdrawn release');
  await withdrawCurrent(store);
  await withdrawCurrent(store);
  assert.equal((await look(only)).got?.WITHDRAWN, '2026-11-24.4');
});

test('a command that fails runs again with the same id, until a newer release takes its place', async (t) => {
  const { store, look } = await watchSetting(t);
  const first = await publish(store, null);
  await look();
  await publish(store, ['HTI']);
  for (const attempt of ['1', '2', '3']) {
    const { turn, got } = await look({ status: 7 });
    assert.equal(turn.outcome, 'failed');
    assert.deepEqual('end' in turn && turn.end, { status: 7, signal: null });
    assert.deepEqual([got?.EVENT_ID, got?.ATTEMPT], ['published/2026-11-24.2', attempt]);
  }
  await publish(store, ['TCD']);
  assert.equal((await look({ status: 1 })).got?.ATTEMPT, '1');
  const { got } = await look();
  assert.deepEqual(
    [got?.EVENT_ID, got?.ATTEMPT, got?.CHANGED_COUNTRIES, got?.PREVIOUS_RELEASE],
    ['published/2026-11-24.3', '2', 'HTI,TCD', first],
  );
  assert.equal((await look()).turn.outcome, 'nothing');
});

test('if a release whose command failed is withdrawn, the command learns of it', async (t) => {
  const { store, look } = await watchSetting(t);
  await publish(store, null);
  await look();
  const second = await publish(store, ['HTI']);
  await look({ status: 1 });
  await withdrawCurrent(store);
  for (const status of [1, 0]) {
    const { got } = await look({ status });
    assert.deepEqual(
      [got?.EVENT_ID, got?.WITHDRAWN, got?.CHANGED_COUNTRIES],
      [`withdrawn/${second}`, second, 'HTI'],
    );
  }
  assert.equal((await look()).turn.outcome, 'nothing');
});

test('a manifest of another SHA-256, and texts that are no ids or codes, run nothing', async (t) => {
  const { store, folder, look } = await watchSetting(t);
  await publish(store, null);
  await look();
  const manifest = join(folder, 'releases', await publish(store, ['HTI; rm -rf ~']), 'manifest.json');
  await assert.rejects(look(), /releases\.json is damaged: expected three-letter country codes, found "HTI;/);
  await store.delete('releases.json');
  await assert.rejects(look(), /manifest\.json is damaged: expected three-letter country codes, found "HTI;/);
  await writeFile(manifest, `${await readFile(manifest)} `);
  await assert.rejects(look(), DamagedFileError);
  await rm(manifest);
  await assert.rejects(look(), /latest\.json names it, but it is missing/);
});

test('a release that is withdrawn, but still named, is not told as new', async (t) => {
  const { store, folder, look } = await watchSetting(t);
  const first = await publish(store, null);
  await look();
  const pointer = await readFile(join(folder, 'latest.json'));
  await publish(store, ['HTI']);
  const between = await readFile(join(folder, 'latest.json'));
  await withdrawCurrent(store);
  await writeFile(join(folder, 'latest.json'), between);
  const { turn, got } = await look();
  assert.equal(got, null);
  assert.match(
    'reason' in turn ? turn.reason : '',
    /2026-11-24\.2 is withdrawn, but latest\.json still names it/,
  );
  await writeFile(join(folder, 'latest.json'), pointer);
  assert.deepEqual(await look(), { turn: { outcome: 'nothing' }, got: null }, `never ran for it: ${first}`);
});

test('a withdrawal is known by its record if the list comes from an old cache', async (t) => {
  const { store, folder, look } = await watchSetting(t);
  await publish(store, null);
  await publish(store, ['HTI']);
  await look();
  const list = await readFile(join(folder, 'releases.json'));
  const second = await withdrawCurrent(store);
  await writeFile(join(folder, 'releases.json'), list);
  assert.equal((await look()).got?.EVENT_ID, `withdrawn/${second}`);
});

test('a pointer without a version is read whole, and writes no state again', async (t) => {
  const { store, watcher, look } = await watchSetting(t);
  await publish(store, null);
  const getIfChanged: typeof store.getIfChanged = async (key, _, range) => {
    const found = await store.get(key, range);
    return found && { ...found, etag: '' };
  };
  const other = { watcher: { store: { ...store, getIfChanged } } };
  assert.equal((await look(other)).turn.outcome, 'ran');
  const { mtimeMs, ino } = await stat(watcher.statePath);
  assert.equal((await look(other)).turn.outcome, 'nothing');
  const after = await stat(watcher.statePath);
  assert.deepEqual([after.mtimeMs, after.ino], [mtimeMs, ino]);
});

test('without a release the watcher waits', async (t) => {
  const { look, folder } = await watchSetting(t);
  const reason = `${folder}: no release is published here`;
  assert.deepEqual(await look(), { turn: { outcome: 'waiting', reason }, got: null });
});

test('a web server gets one request, answered with 304, while nothing is new', async (t) => {
  const { store, watcher, look } = await watchSetting(t);
  await publish(store, null);
  const served = await serveDataset(store, {
    port: 0,
    visibility: 'private',
    onError: (error) => assert.ifError(error),
  });
  t.after(() => served.close());
  const seen: string[] = [];
  const counting = createServer(async ({ url, headers }, response) => {
    const condition = headers['if-none-match'];
    const answer = await fetch(new URL(url ?? '', served.url), {
      headers: condition ? { 'If-None-Match': condition } : {},
    });
    seen.push(`${url} ${answer.status}`);
    response.writeHead(answer.status, { ETag: answer.headers.get('etag') ?? '' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  }).listen(0, '127.0.0.1');
  await once(counting, 'listening');
  t.after(() => counting.close() && counting.closeAllConnections());
  const source = `http://127.0.0.1:${(counting.address() as AddressInfo).port}`;
  const other = { watcher: { store: webStore(source), source, statePath: `${watcher.statePath}.web` } };
  const { got, turn } = await look(other);
  assert.equal(turn.outcome, 'ran', JSON.stringify([turn, seen]));
  assert.equal(got?.MANIFEST, `${source}/releases/2026-11-24.1/manifest.json`);
  assert.equal((await fetch(got?.MANIFEST ?? '')).status, 200);
  seen.length = 0;
  for (let looks = 0; looks < 3; looks++) assert.equal((await look(other)).turn.outcome, 'nothing');
  assert.deepEqual(seen, Array(3).fill('/latest.json 304'));
  await publish(store, ['HTI']);
  assert.equal((await look(other)).got?.CHANGED_COUNTRIES, 'HTI');
});

test('a bucket gets one request while nothing is new', async (t) => {
  const { watcher, look } = await watchSetting(t);
  const { store, requests } = await startTinyS3(t);
  await publish(store, null);
  const other = { watcher: { store, source: 's3://bucket', statePath: `${watcher.statePath}.s3` } };
  const { got } = await look(other);
  assert.equal(got?.MANIFEST, 's3://bucket/releases/2026-11-24.1/manifest.json');
  requests.length = 0;
  assert.equal((await look(other)).turn.outcome, 'nothing');
  assert.deepEqual(requests, ['GET latest.json']);
});

test('a turn that is stopped before the command begins runs nothing and writes no state', async (t) => {
  const { store, watcher } = await watchSetting(t);
  await publish(store, null);
  const stop = new AbortController();
  const get: typeof store.get = async (...args) => {
    stop.abort(new Error('stopped'));
    return store.get(...args);
  };
  const command = { ...watcher.command, line: 'echo ran > "$FILE"' };
  await assert.rejects(
    takeTurn({ ...watcher, command, store: { ...store, get } }, turnOptions(stop.signal)),
    /stopped/,
  );
  await assert.rejects(readFile(watcher.statePath), /ENOENT/);
  await assert.rejects(readFile(String(watcher.command.env.FILE)), /ENOENT/);
});

test('a dataset that was made anew with the same id is a new release with all countries', async (t) => {
  const { store, folder, look } = await watchSetting(t);
  const release = await publish(store, null);
  await look();
  const path = join(folder, 'releases', release, 'manifest.json');
  const manifest = jsonBytes({ ...JSON.parse(String(await readFile(path))), run: '2026-11-25T05-00-00Z' });
  await writeFile(path, manifest);
  const pointer = JSON.parse(String(await readFile(join(folder, 'latest.json'))));
  await writeFile(join(folder, 'latest.json'), jsonBytes({ ...pointer, manifest_sha256: sha256(manifest) }));
  const { got } = await look();
  assert.deepEqual(
    [got?.EVENT_ID, got?.CHANGED_COUNTRIES, got?.CHANGES_KNOWN],
    [`published/${release}`, COUNTRIES.join(','), 'no'],
  );
});
