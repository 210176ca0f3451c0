// Conditional and range requests by RFC 9110, one case each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type ConditionalHeaders,
  evaluateConditions,
  quoteEtag,
} from '../../lib/read/conditional-request.ts';

const modified = new Date('2026-11-24T10:00:00.600Z');
const time = 'Tue, 24 Nov 2026 10:00:00 GMT';
const earlier = 'Tue, 24 Nov 2026 09:59:59 GMT';
const entry = { key: 'x', bytes: 1000, etag: 'abc', modified };
const whole = { status: 200, start: 0, end: 999 };
const part = (start: number, end: number) => ({ status: 206, start, end });
const outOfRange = { status: 416 };
const notModified = { status: 304 };

const CASES: [conditions: ConditionalHeaders, result: unknown][] = [
  [{}, whole],
  [{ range: 'bytes=0-0' }, part(0, 0)],
  [{ range: 'bytes=10-19' }, part(10, 19)],
  [{ range: 'Bytes = 10 - 19' }, part(10, 19)],
  [{ range: 'bytes=990-' }, part(990, 999)],
  [{ range: 'bytes=-10' }, part(990, 999)],
  [{ range: 'bytes=-1000' }, part(0, 999)],
  [{ range: 'bytes=-5000' }, part(0, 999)],
  [{ range: 'bytes=999-5000' }, part(999, 999)],
  [{ range: 'bytes=0-99999999999999999999999' }, part(0, 999)],
  [{ range: 'bytes=1000-' }, outOfRange],
  [{ range: 'bytes=1000-2000' }, outOfRange],
  [{ range: 'bytes=-0' }, outOfRange],
  [{ range: 'bytes=20-10' }, whole],
  [{ range: 'bytes=-' }, whole],
  [{ range: 'bytes=a-b' }, whole],
  [{ range: 'bytes=0-1,5-6' }, whole],
  [{ range: 'lines=0-1' }, whole],
  [{ range: '' }, whole],
  [{ 'if-none-match': '"abc"' }, notModified],
  [{ 'if-none-match': 'W/"abc"' }, notModified],
  [{ 'if-none-match': '"x", "abc" , "y"' }, notModified],
  [{ 'if-none-match': '*' }, notModified],
  [{ 'if-none-match': '"abc"', range: 'bytes=0-1' }, notModified],
  [{ 'if-none-match': 'abc' }, whole],
  [{ 'if-none-match': '"abcd"' }, whole],
  [{ 'if-none-match': '"x"', 'if-modified-since': time }, whole],
  [{ 'if-modified-since': time }, notModified],
  [{ 'if-modified-since': earlier }, whole],
  [{ 'if-modified-since': 'yesterday' }, whole],
  [{ range: 'bytes=0-1', 'if-range': '"abc"' }, part(0, 1)],
  [{ range: 'bytes=0-1', 'if-range': '"old"' }, whole],
  [{ range: 'bytes=0-1', 'if-range': 'W/"abc"' }, whole],
  [{ range: 'bytes=0-1', 'if-range': time }, part(0, 1)],
  [{ range: 'bytes=0-1', 'if-range': earlier }, whole],
  [{ 'if-range': '"abc"' }, whole],
];

for (const [conditions, result] of CASES) {
  const headers = Object.entries(conditions).map(([name, value]) => `${name}: ${value}`);
  const { status } = result as { status: number };
  test(`a GET with ${headers.join(', ') || 'no condition'} gets ${status}`, () =>
    assert.deepEqual(evaluateConditions(conditions, entry), result));
}

test('any range of an empty object gets 416', () => {
  const empty = { ...entry, bytes: 0 };
  assert.deepEqual(evaluateConditions({}, empty), { status: 200, start: 0, end: -1 });
  for (const range of ['bytes=0-0', 'bytes=0-', 'bytes=-1'])
    assert.deepEqual(evaluateConditions({ range }, empty), outOfRange);
});

test('quoteEtag keeps existing quotes, and a weak etag never matches If-Range', () => {
  assert.equal(quoteEtag('abc'), '"abc"');
  assert.equal(quoteEtag('"abc"'), '"abc"');
  assert.equal(quoteEtag('W/"abc"'), 'W/"abc"');
  const weak = { ...entry, etag: 'W/"abc"' };
  assert.deepEqual(evaluateConditions({ range: 'bytes=0-1', 'if-range': 'W/"abc"' }, weak), whole);
  assert.deepEqual(evaluateConditions({ 'if-none-match': '"abc"' }, weak), notModified);
});

test('for any Range header, the resulting bytes are inside the object', () => {
  const piece = fc.constantFrom(
    'bytes',
    '=',
    '-',
    ',',
    '0',
    '5',
    '999',
    '1000',
    '99999999999999999999',
    ' ',
    'x',
  );
  const ranges = fc.array(piece, { maxLength: 7 }).map((pieces) => `bytes=${pieces.join('')}`);
  fc.assert(
    fc.property(ranges, fc.nat(1200), (range, bytes) => {
      const result = evaluateConditions({ range }, { ...entry, bytes });
      if (!('start' in result)) return result.status === 416;
      return result.start >= 0 && result.end < bytes && (result.status === 200 || result.start <= result.end);
    }),
  );
});
