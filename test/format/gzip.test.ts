// A file made of blocks is an ordinary gzip file with one member, and its blocks can be taken out again.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { blocksAfter, createGzipFile, deflateBlock } from '../../lib/format/gzip.ts';

async function fileOf(texts: readonly string[]): Promise<Uint8Array> {
  const file = createGzipFile();
  for (const text of texts) file.add(Buffer.from(text), await deflateBlock(Buffer.from(text)));
  return file.finish();
}

test('any texts in blocks are one gzip file of all of them, the same bytes every time', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'binary', maxLength: 300 })), async (texts) => {
      const file = await fileOf(texts);
      assert.equal(gunzipSync(file).toString(), Buffer.from(texts.join('')).toString());
      assert.deepEqual(await fileOf(texts), file);
    }),
  ));

test('gzip itself and a reader that allows one member only accept the file', async () => {
  const file = await fileOf(['"header"\n', 'a,b\n'.repeat(50_000), 'last\n']);
  execFileSync('gzip', ['--test'], { input: file });
  const stream = new Blob([file]).stream().pipeThrough(new DecompressionStream('gzip'));
  assert.equal((await new Response(stream).text()).length, 9 + 4 * 50_000 + 5);
});

test('the blocks of a file are found after its first block, and fit into another file', async () => {
  const [header, rows, more] = ['"name"\n', '"a"\n'.repeat(1000), '"b"\n'].map((text) => Buffer.from(text));
  const first = await deflateBlock(header as Buffer);
  const country = await fileOf([String(header), String(rows)]);
  const whole = createGzipFile();
  whole.add(header as Buffer, first);
  whole.add(rows as Buffer, blocksAfter(country, first) ?? assert.fail('no blocks found'));
  whole.add(more as Buffer, await deflateBlock(more as Buffer));
  assert.equal(gunzipSync(whole.finish()).toString(), `${header}${rows}${more}`);
});

test('a file that was written in another way, or with another header, gives no blocks', async () => {
  const first = await deflateBlock(Buffer.from('"name"\n'));
  const text = '"name"\n"a"\n';
  for (const file of [gzipSync(text), await fileOf(['"other"\n', '"a"\n']), Buffer.from(text), Buffer.of()])
    assert.equal(blocksAfter(file, first), null);
});
