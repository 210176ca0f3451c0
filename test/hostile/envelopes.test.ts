// Invalid answers: each fails its unit with one of our errors, which names the place, and nothing of it is published.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gzip as gzipCallback, gzipSync } from 'node:zlib';
import { exportInto, temporaryFolder } from '../setting.ts';
import { type Answer, type Case, envelope, GOOD, listsOf, ROW, serveAnswers, tryCases } from './api.ts';

const gzip = promisify(gzipCallback);
const OUR_ERRORS = /^DTM(AnswerShape|ApiRequest|ApiResponse|ApiTimeout|UnknownCountry)Error: /;
const DEEP = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;

/** A good answer in which one text is replaced. */
const changed =
  (from: string, to: string): Case =>
  (country) => {
    const body = GOOD(country) as string;
    assert.ok(body.includes(from), from);
    return body.replace(from, () => to);
  };

/** Invalid answers, each with the expected reason. */
const INVALID: readonly [answer: Case, reason: RegExp][] = [
  ...['null', '[]', '5', '"text"', 'true', '{}', DEEP].map((body): [Case, RegExp] => [
    () => body,
    /DTMAnswerShapeError: admin2 \w{3}: /,
  ]),
  ...[
    '',
    ' ',
    '{',
    'null null',
    '{"a":1}}',
    "{'a':1}",
    '{"a":undefined}',
    '\uFEFF\uFEFF{}',
    '{"a":1,}',
    '[1,]',
  ].map((body): [Case, RegExp] => [() => body, /the body is not JSON/]),
  [() => Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22]), /not UTF-8/],
  ...['result', 'statusCode', 'isSuccess', 'errorMessages', 'totalRecordsCount'].flatMap(
    (key): [Case, RegExp][] => [
      [changed(`"${key}":`, `"other":`), new RegExp(`: ${key}: expected .*it is missing`)],
      [changed(`"${key}":`, `"${key}":${DEEP},"x":`), new RegExp(`: ${key}(\\[0\\])?: expected`)],
      [
        (country) => envelope([{ ...ROW, admin0Pcode: country }], { [key]: null }),
        new RegExp(`: ${key}: expected`),
      ],
    ],
  ),
  ...Object.keys(ROW)
    .filter((field) => !field.startsWith('admin2'))
    .map((field): [Case, RegExp] => [
      changed(`"${field}":`, `"__proto__":`),
      new RegExp(`result\\[0\\]\\.${field}: expected .*it is missing`),
    ]),
  [changed('"id":8', `"id":${DEEP}`), /result\[0\]\.id: expected an integer of 32 bits/],
  [changed('"id":8', `"id":8,"id":"8"`), /result\[0\]\.id: expected an integer of 32 bits/],
  ...[null, [], 5, 'text'].map((row): [Case, RegExp] => [
    (country) => envelope([{ ...ROW, admin0Pcode: country }, row]),
    /result\[1\]: expected an object, got /,
  ]),
  [changed('"totalRecordsCount":1', '"totalRecordsCount":2'), /totalRecordsCount: expected 1/],
  [
    changed('"totalRecordsCount":1', '"totalRecordsCount":1,"totalRecordsCount":0'),
    /totalRecordsCount: expected 1/,
  ],
  [changed('"isSuccess":true', '"isSuccess":false'), OUR_ERRORS],
  [changed('"statusCode":200', '"statusCode":204'), /no rows with statusCode 204/],
  [
    (country) =>
      envelope([
        { ...ROW, admin0Pcode: country },
        { ...ROW, admin0Pcode: 'ZZZ' },
      ]),
    /result\[1\]\.admin0Pcode/,
  ],
  [() => ({ body: '<html>', headers: { 'Content-Type': 'text/html' } }), /content type/],
  [() => ({ body: 'not gzip', headers: { 'Content-Encoding': 'gzip' } }), /cut short or damaged/],
  [
    (country) => ({
      body: gzipSync(String(GOOD(country))).subarray(0, -9),
      headers: { 'Content-Encoding': 'gzip' },
    }),
    /cut short or damaged/,
  ],
  [
    (country) => ({ body: GOOD(country) as string, headers: { 'Content-Encoding': 'br' } }),
    /expected content encoding gzip or none/,
  ],
  [
    (country) => ({
      body: gzipSync(gzipSync(String(GOOD(country)))),
      headers: { 'Content-Encoding': 'gzip' },
    }),
    /not UTF-8|not JSON/,
  ],
  [
    () => ({ body: '', status: 101, headers: { Connection: 'Upgrade', Upgrade: 'websocket' } }),
    /expected HTTP 200, got 101, a switch to another protocol/,
  ],
  [() => ({ body: '', status: 304 }), /expected HTTP 200, got 304 \(not modified\)/],
  [
    () => ({
      body: gzipSync(`{"result":[${'{},'.repeat(5_000_000)}{}]}`, { level: 1 }),
      headers: { 'Content-Encoding': 'x-gzip' },
    }),
    /expected at most \d+ objects and lists in 15\d+ bytes, got 500\d+/,
  ],
];

test('an answer of a wrong shape fails its unit, names the place and is not published', async (t) => {
  const { units, parquet } = await tryCases(t, [GOOD, ...INVALID.map(([answer]) => answer)]);
  for (const [at, { status, reason }] of units.slice(1).entries()) {
    assert.equal(status, 'failed', String(INVALID[at]?.[1]));
    assert.match(reason ?? '', OUR_ERRORS);
    assert.match(reason ?? '', INVALID[at]?.[1] as RegExp);
    assert.ok((reason ?? '').length < 1000, `${reason?.length} characters`);
  }
  assert.deepEqual(
    parquet.map(({ admin0_pcode }) => admin0_pcode),
    ['AAA'],
  );
});

/** Unusual but valid answers: their row is published unchanged. */
const UNUSUAL: readonly Case[] = [
  changed('"id":8', '"id":9,"id":8'),
  changed('"id":8', `"id":8,"deep":${DEEP}`),
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'toJSON',
    'length',
    '',
    'a\\nb',
    '\\u0000',
    '../x',
  ].flatMap((key) => [
    changed('"id":8', `"${key}":{"id":1,"numPresentIdpInd":5},"id":8`),
    changed('"statusCode":200', `"${key}":{"result":[]},"statusCode":200`),
  ]),
  (country) => `\uFEFF${GOOD(country)}`,
  (country) => `\r\n\t ${GOOD(country)} \n`,
  (country) => JSON.stringify(JSON.parse(GOOD(country) as string), null, 4),
  (country) => ({ body: gzipSync(GOOD(country) as string), headers: { 'Content-Encoding': 'GZIP' } }),
];

test('unknown keys, repeated keys and keys like __proto__ change no figure', async (t) => {
  const { units, parquet } = await tryCases(t, UNUSUAL);
  for (const { status, reason, country } of units) assert.equal(status, 'ok', `${country}: ${reason}`);
  assert.equal(parquet.length, UNUSUAL.length);
  for (const row of parquet)
    assert.deepEqual([row.id, row.num_present_idp_ind, row.operation], [8, 100, ROW.operation]);
  assert.deepEqual(Object.keys({}), []);
  assert.equal((Object.prototype as { id?: unknown }).id, undefined);
});

test('an answer cut at any byte fails its unit', async (t) => {
  const length = (GOOD('AAA') as string).length;
  const cut = Array.from(
    { length },
    (_, at): Case =>
      (country) =>
        (GOOD(country) as string).slice(0, at),
  );
  const { units } = await tryCases(t, [...cut, GOOD]);
  for (const { status, reason } of units.slice(0, -1)) {
    assert.equal(status, 'failed');
    assert.match(reason ?? '', /^DTMApiRequestError: .*the body is not JSON/);
  }
  assert.equal(units.at(-1)?.status, 'ok');
});

const CODES = [
  '../x',
  '..',
  '/etc',
  'aaa',
  'AA',
  'AAAA',
  '',
  'A/B',
  'A\u0000B',
  'AA\n',
  'ÀÁÂ',
  '...',
  5,
  null,
  ['AAA'],
  undefined,
];

test('an invalid country code in a list ends the run before any unit request, without a plan', async (t) => {
  for (const endpoint of ['countries', 'operations']) {
    for (const admin0Pcode of CODES) {
      const lists = listsOf(1);
      const bad = envelope([
        { operation: 'x', operationStatus: 'Active', admin0Name: 'Newland', admin0Pcode },
      ]);
      const api = await serveAnswers(t, (requested) =>
        requested === endpoint ? bad : (lists[requested] as string),
      );
      const parent = await temporaryFolder(t);
      const folder = join(parent, 'inside');
      await assert.rejects(
        exportInto({ folder, url: api.url, countries: null }),
        new RegExp(
          `^DTMAnswerShapeError: ${endpoint}[^]*: result\\[0\\]\\.admin0Pcode: expected three capital letters`,
        ),
      );
      // Only the run's turn was recorded.
      const written = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.json'));
      assert.deepEqual(written, ['runs/lease.json'], String(admin0Pcode));
      assert.ok(
        api.requests.every((name) => name.endsWith('-list/null')),
        api.requests.join(),
      );
    }
  }
});

const MAX_BYTES = 1_000_000;
const BLOCK = Buffer.alloc(MAX_BYTES / 4, ' ');

/** Bodies larger than the limit, on the wire or after decompression. */
async function oversized(): Promise<Answer[]> {
  const packed = await gzip(Buffer.alloc(64 * MAX_BYTES, ' '));
  const headers = { 'Content-Encoding': 'gzip' };
  return [
    { body: Buffer.alloc(MAX_BYTES + 1, ' ') },
    { body: packed, headers },
    { body: BLOCK, endless: true },
    { body: packed, headers, endless: true },
  ];
}

test('an endless body, or one that expands beyond maxBytes, fails at maxBytes', async (t) => {
  const answers = await oversized();
  const began = performance.now();
  const api = { maxBytes: MAX_BYTES };
  const { units } = await tryCases(
    t,
    [
      GOOD,
      ...answers.map(
        (answer): Case =>
          () =>
            answer,
      ),
    ],
    { api },
  );
  const tooLarge = /DTMApiRequestError: .*expected at most 1000000 bytes after decompression, got more/;
  for (const { reason } of units.slice(1)) assert.match(reason ?? '', tooLarge);
  assert.ok(performance.now() - began < 10_000);
  for (const answer of answers) {
    const { url } = await serveAnswers(t, () => answer);
    const folder = await temporaryFolder(t);
    await assert.rejects(exportInto({ folder, url, countries: null, api }), tooLarge);
  }
});

test('a body of maxBytes is read, one byte more fails the unit', async (t) => {
  const padded =
    (more: number): Case =>
    (country) =>
      (GOOD(country) as string).padEnd(MAX_BYTES + more);
  const { units } = await tryCases(t, [padded(0), padded(1)], { api: { maxBytes: MAX_BYTES } });
  assert.deepEqual(
    units.map(({ status }) => status),
    ['ok', 'failed'],
  );
});
