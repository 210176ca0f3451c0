// Decompression in chunks gives all bytes, and stops at its limit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { inflate } from '../../lib/format/inflate.ts';

async function chunksOf(...input: Parameters<typeof inflate>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of inflate(...input)) chunks.push(chunk);
  return chunks;
}

const text = Buffer.from('row, '.repeat(300_000));

test('gzip and raw deflate are decompressed in chunks of at most 1 MiB', async () => {
  for (const [packed, isRaw] of [
    [gzipSync(text), false],
    [deflateRawSync(text), true],
  ] as const) {
    const chunks = await chunksOf(packed, { isRaw, maxBytes: text.length });
    assert.ok(chunks.length > 1 && chunks.every(({ length }) => length <= 1 << 20));
    assert.ok(Buffer.concat(chunks).equals(text));
  }
});

test('bytes beyond the limit, damaged and cut bytes are an error', async () => {
  const packed = gzipSync(text);
  await assert.rejects(chunksOf(packed, { maxBytes: text.length - 1 }), /it holds more than 1499999 bytes/);
  await assert.rejects(chunksOf(packed.subarray(0, -9), { maxBytes: text.length }), /unexpected end of file/);
  await assert.rejects(chunksOf(Buffer.from('no gzip'), { maxBytes: 9 }), /incorrect header check/);
});
