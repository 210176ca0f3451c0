// The watcher's state file: what is written is read again, and what is damaged is refused.
import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigurationError } from '../../../lib/environment/configuration.ts';
import {
  addRelease,
  createStateFolder,
  emptyState,
  readState,
  type WatchState,
  writeState,
} from '../../../lib/read/watch/state.ts';
import { StoreError } from '../../../lib/store/store.ts';
import { temporaryFolder } from '../../setting.ts';

const STATE: WatchState = {
  ...emptyState('/data'),
  etag: 'abc',
  seen: { release: '2026-11-24.1', manifest_sha256: '0'.repeat(64) },
  earlier: ['2026-11-23.1'],
  ran: '2026-11-24.1',
  pending: {
    event: 'withdrawn/2026-11-24.1',
    ...{ release: null, manifest_sha256: null, releases: [] },
    ...{ attempts: 2, failure: null, process: { pid: 4, started: null } },
  },
};

test('a state is read as it was written, by its owner only, over what a killed write left', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'a/b/state.json');
  createStateFolder(path);
  assert.deepEqual(readState(path, '/data'), emptyState('/data'));
  await writeFile(`${path}.tmp`, 'half of a sta');
  writeState(path, STATE);
  assert.deepEqual(readState(path, '/data'), STATE);
  assert.deepEqual(await readdir(join(folder, 'a/b')), ['state.json']);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test('every truncation of a state, and every other JSON, is refused and named', async (t) => {
  const path = join(await temporaryFolder(t), 'state.json');
  writeState(path, STATE);
  const whole = await readFile(path);
  const others = ['null', '[]', '{}', '{"version": 0}', JSON.stringify({ ...STATE, ran: 5 }), '\u0000'];
  const truncated = Array.from({ length: whole.length - 1 }, (_, length) => whole.subarray(0, length));
  for (const bytes of [...others, ...truncated, JSON.stringify({ ...STATE, more: 1 })]) {
    await writeFile(path, bytes);
    assert.throws(
      () => readState(path, '/data'),
      (error) =>
        error instanceof ConfigurationError &&
        error.message.startsWith(`${path} is damaged: `) &&
        error.message.endsWith(
          '; restore the file, or remove it to run the command for the current release again',
        ),
      String(bytes),
    );
  }
});

test('a state of a newer version is refused as one, not as damaged', async (t) => {
  const path = join(await temporaryFolder(t), 'state.json');
  await writeFile(path, JSON.stringify({ ...STATE, version: 2, more: true }));
  assert.throws(
    () => readState(path, '/data'),
    (error) =>
      error instanceof ConfigurationError &&
      error.message.startsWith(
        `${path}: expected a state of version 1, found 2, of a newer dtm-exporter; use that one, or give`,
      ),
  );
});

test('a state of another source, and a path that cannot hold one, are refused', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'state.json');
  writeState(path, STATE);
  assert.throws(
    () => readState(path, '/other'),
    /expected the state of \/other, found that of \/data; give another/,
  );
  assert.throws(
    () => readState(folder, '/data'),
    /the watcher's state cannot be kept there \(EISDIR\); give a file/,
  );
  assert.throws(
    () => createStateFolder(join(path, 'x/state.json')),
    /cannot be kept there \((ENOTDIR|EEXIST)\)/,
  );
  await mkdir(join(folder, 'taken.json.tmp'));
  assert.throws(() => writeState(join(folder, 'taken.json'), STATE), StoreError);
  await chmod(path, 0o600);
});

test('a list of releases keeps the last 50, each once', () => {
  const ids = Array.from({ length: 60 }, (_, at) => `2026-11-24.${at + 1}`);
  const list = ids.reduce<string[]>((before, id) => addRelease(before, id), []);
  assert.deepEqual(list, ids.slice(10));
  assert.deepEqual(addRelease(['a', 'b', 'c'], 'a'), ['b', 'c', 'a']);
  assert.deepEqual(addRelease(['a'], null), ['a']);
});
