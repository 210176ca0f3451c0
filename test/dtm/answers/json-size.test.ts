// The objects in a body are counted before it is parsed, and every real answer of the API is accepted.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { findExcess } from '../../../lib/dtm/answers/json-size.ts';
import { ROWS } from '../../../lib/dtm/answers/row-structs.ts';
import { API_VERSIONS, type Endpoint, PATHS } from '../../../lib/dtm/endpoints.ts';
import { V3 } from '../samples.ts';
import { answer, client, KEY, send, serve } from '../start-api-server.ts';

const MB = 1_000_000;
const ENDPOINTS = Object.keys(PATHS.v3) as Endpoint[];
const QUERY = { admin0Pcode: 'NWL' };

/** An answer of at least this many bytes. It repeats one row. */
function filled(row: string, bytes: number): Buffer {
  const rows = Array.from({ length: Math.ceil(bytes / row.length) }, () => row);
  const text = JSON.stringify(answer([], { totalRecordsCount: rows.length }));
  return Buffer.from(text.replace('[]', () => `[${rows.join(',')}]`));
}

/** The shortest values. Every field accepts one of them. */
const SHORTEST = [0, '', null, 'ABC', '2024-02-29T00:00:00'];

/** The shortest row that an endpoint's structs accept. */
function shortestRow(version: (typeof API_VERSIONS)[number], endpoint: Endpoint): string {
  const fields = Object.entries(ROWS[version][endpoint].schema).flatMap(([name, struct]) => {
    if (struct.is(undefined)) return [];
    const value = SHORTEST.find((each) => struct.is(each));
    assert.notEqual(value, undefined, name);
    return [[name, value]];
  });
  return JSON.stringify(Object.fromEntries(fields));
}

test('megabytes of the shortest valid rows are accepted', () => {
  for (const version of API_VERSIONS) {
    for (const endpoint of ENDPOINTS) {
      // Lists of countries and operations are never that long: thousands are enough.
      const bytes = endpoint.startsWith('admin') ? 10 * MB : MB;
      assert.equal(
        findExcess(filled(shortestRow(version, endpoint), bytes)),
        undefined,
        `${version} ${endpoint}`,
      );
    }
  }
});

test('braces in names and unknown nested fields are accepted', () => {
  const named = { ...V3.admin0, operation: '{[{[{[,,', idpOriginAdmin1Name: ',,' };
  const nested = { ...V3.admin0, place: { lat: 1, lon: 2 }, tags: ['a', 'b'] };
  for (const row of [named, nested])
    assert.equal(findExcess(filled(JSON.stringify(row), 10 * MB)), undefined);
});

test('a small answer with 60,000 empty arrays is accepted', async (t) => {
  const deep = { ...V3.admin0, extra: Array.from({ length: 60_000 }, () => []) };
  const { rows } = await client(await serve(t, send(answer([deep])))).ask('admin0', QUERY);
  assert.equal(rows.length, 1);
});

/** Bodies of many small values. None is valid JSON, so parsing one would give another error. */
const DENSE: Readonly<Record<string, string>> = {
  'empty objects': '{},'.repeat(3 * MB),
  'empty arrays': '[],'.repeat(MB),
  'nested arrays': '['.repeat(MB),
  'objects of one field': '{"a":1},'.repeat(MB),
  numbers: '1,'.repeat(5 * MB),
  strings: '"ab",'.repeat(2 * MB),
  'fields of one row': `{${'"a1":1,'.repeat(2 * MB)}`,
};

for (const [name, text] of Object.entries(DENSE)) {
  test(`an answer of only ${name} is a DTMAnswerShapeError and is not parsed or retried`, async (t) => {
    const packed = gzipSync(`{"result":[${text}`, { level: 1 });
    const server = await serve(t, send(packed, 200, { 'Content-Encoding': 'gzip' }));
    await assert.rejects(client(server).ask('admin0', QUERY), {
      name: 'DTMAnswerShapeError',
      message:
        /^admin0 NWL: the answer: expected at most \d+ (objects and lists|values) in \d+ bytes, got \d+; nothing/,
    });
    assert.equal(server.requests.length, 1);
  });
}

/** Peak memory in MB of a process that makes one call, and the error of the call. */
async function footprint(url: string): Promise<{ peak: number; end: string }> {
  const publicApi = new URL('../../../lib/dtm/public.ts', import.meta.url).href;
  const options = JSON.stringify({ subscriptionKey: KEY, baseUrl: url, maxRetries: 0 });
  const script = `import { DTMApi } from '${publicApi}';
    const end = await new DTMApi(${options}).ask('admin0', ${JSON.stringify(QUERY)}).catch(String);
    console.log(JSON.stringify({ peak: process.resourceUsage().maxRSS / 1024, end }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  return JSON.parse(stdout);
}

test('gzips with 250 MB and 67 MB of empty objects need less than 400 MB of memory', async (t) => {
  for (const [bytes, expected] of [
    [250 * MB, /expected at most 67108864 bytes after decompression, got more/],
    [67 * MB, /expected at most 21\d+ objects and lists in 67\d+ bytes, got 22\d+/],
  ] as const) {
    const bomb = gzipSync(`{"result":[${'{},'.repeat(bytes / 3)}{}]}`);
    const server = await serve(t, send(bomb, 200, { 'Content-Encoding': 'gzip' }));
    const { peak, end } = await footprint(server.url);
    assert.match(end, expected);
    assert.ok(peak < 400, `${peak} MB`);
  }
});

test('maxBytes of a call applies, up to maxBytes of the client', async (t) => {
  const body = JSON.stringify(answer([V3.admin0]));
  const server = await serve(t, send(body));
  const api = client(server, { maxBytes: body.length });
  const ask = (maxBytes?: number) => api.ask('admin0', QUERY, { maxBytes });
  for (const fits of [undefined, body.length, body.length * 2])
    assert.equal((await ask(fits)).rows.length, 1);
  await assert.rejects(ask(body.length - 1), { reason: 'too-large' });
  const small = client(server, { maxBytes: body.length - 1 });
  await assert.rejects(small.ask('admin0', QUERY, { maxBytes: body.length }), { reason: 'too-large' });
  const before = server.requests.length;
  for (const bad of [0, 1.5, '9', null]) {
    await assert.rejects(ask(bad as number), { name: 'ValidationError', parameter: 'maxBytes' });
  }
  assert.equal(server.requests.length, before);
});
