// Where `--csv` writes: a file appears whole or not at all, and nothing else is replaced by one.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { chmod, lstat, open, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { openRowsOutput } from '../../lib/cli/since/rows-output.ts';
import { StoreError } from '../../lib/store/store.ts';
import { temporaryFolder } from '../setting.ts';

const noLine = (): void => assert.fail('nothing is printed');

test('rows for a pipe go into the pipe, which stays one', { timeout: 20_000 }, async (t) => {
  const pipe = join(await temporaryFolder(t), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const read = text(createReadStream(pipe));
  const rows = await openRowsOutput(pipe, noLine);
  await rows.write('"a"\n');
  await rows.write('"b"\n');
  await rows.finish();
  await rows.drop();
  assert.equal(await read, '"a"\n"b"\n');
  assert.ok((await lstat(pipe)).isFIFO());
});

test('a reader of a pipe that has enough is no error', { timeout: 20_000 }, async (t) => {
  const pipe = join(await temporaryFolder(t), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reading = open(pipe, 'r');
  const rows = await openRowsOutput(pipe, noLine);
  await (await reading).close();
  await rows.write('"a"\n');
  await rows.finish();
  await rows.drop();
});

test('a full device is an error of one line that says what to do', async (t) => {
  // Through a link, so that a fault cannot replace the machine's device.
  const link = join(await temporaryFolder(t), 'full');
  await symlink('/dev/full', link);
  const rows = await openRowsOutput(link, noLine);
  await assert.rejects(
    rows.write('"a"\n'),
    (error) =>
      error instanceof StoreError &&
      error.message === `--csv ${link}: the disk is full; free some space and run again`,
  );
  await rows.drop();
  assert.ok((await stat('/dev/full')).isCharacterDevice());
});

test('a link stays, and the file behind it is replaced when it is whole, with its permissions', async (t) => {
  const folder = await temporaryFolder(t);
  const [file, link] = [join(folder, 'rows.csv'), join(folder, 'link.csv')];
  await writeFile(file, 'as it was');
  await chmod(file, 0o600);
  await symlink('rows.csv', link);
  const rows = await openRowsOutput(link, noLine);
  await rows.write('"a"\n');
  assert.equal(await readFile(file, 'utf8'), 'as it was');
  await rows.finish();
  await rows.drop();
  assert.deepEqual([await readlink(link), await readFile(file, 'utf8')], ['rows.csv', '"a"\n']);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(folder), ['link.csv', 'rows.csv']);
});
