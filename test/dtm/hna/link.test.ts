// The download link: what is accepted, and that a bad one is not shown.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { DTMAnswerShapeError, DTMApiResponseError } from '../../../lib/dtm/errors.ts';
import type { HnaRequest } from '../../../lib/dtm/hna/hna-request.ts';
import { readLink } from '../../../lib/dtm/hna/link.ts';
import { send, serve } from '../start-api-server.ts';
import { FILE_NAME, hnaClient, linkAnswer, nested, QUERY, TOKEN } from './start-hna-server.ts';

const requestTo = (url: string): HnaRequest => ({
  ...{
    endpoint: 'hna-download',
    query: { country: 'NWL', operation: undefined },
    url,
    redact: (text) => text,
  },
});
const read = (answer: unknown, url = 'https://dtmapi.iom.int/HNA/v1/download') =>
  readLink(requestTo(url), new TextEncoder().encode(JSON.stringify(answer)));

const BLOB = `https://dtm.blob.core.windows.net/reports/r.xlsx?${TOKEN}`;

test('the link of the API is returned with its name and the time at which it expires', async (t) => {
  const server = await serve(t, (response, request) =>
    send(linkAnswer(request.headers.host))(response, request),
  );
  assert.deepEqual(await hnaClient(server).getHnaDownloadUrl({ ...QUERY, populationGroup: ['IDP'] }), {
    downloadUrl: `${server.url}/files/report.xlsx?${TOKEN}`,
    fileName: FILE_NAME,
    expiresAt: new Date('2099-09-14T10:27:10.675Z'),
  });
  assert.equal(server.requests[0]?.path, '/HNA/v1/download?Admin0Pcode=NWL&Year=2023&PopulationGroup=IDP');
});

test('a link within levels, or with capital letters, is read', () => {
  const link = { downloadUrl: BLOB, fileName: null };
  assert.equal(read(nested(link)).downloadUrl, BLOB);
  assert.deepEqual(read({ DownloadUrl: BLOB, FileName: 'a', ExpiresAt: null }), {
    ...{ downloadUrl: BLOB, fileName: 'a', expiresAt: null },
  });
});

const TIMES: [text: string | null | undefined, expected: string | null][] = [
  ['2026-09-14T10:27:10.675+00:00', '2026-09-14T10:27:10.675Z'],
  ['2026-09-14T10:27:10.6751239Z', '2026-09-14T10:27:10.675Z'],
  ['2026-09-14T12:27:10+02:00', '2026-09-14T10:27:10.000Z'],
  ['2026-09-14T10:27:10', '2026-09-14T10:27:10.000Z'],
  ['2026-13-14T10:27:10Z', null],
  ['tomorrow', null],
  ['', null],
  [null, null],
  [undefined, null],
];
for (const [expiresAt, expected] of TIMES)
  test(`expiresAt ${JSON.stringify(expiresAt)} is ${expected}`, () => {
    const time = read({ downloadUrl: BLOB, expiresAt }).expiresAt;
    assert.equal(time === null ? null : time.toISOString(), expected);
  });

const SECRET = 'c2VjcmV0';
const BAD_LINKS: unknown[] = [
  `http://dtm.blob.core.windows.net/r.xlsx?sig=${SECRET}`,
  `http://127.0.0.1/r.xlsx?sig=${SECRET}`,
  `http://localhost:8080/r.xlsx?sig=${SECRET}`,
  `https://user:${SECRET}@dtm.blob.core.windows.net/r.xlsx`,
  `https://${SECRET}@dtm.blob.core.windows.net/r.xlsx`,
  `ftp://dtm.blob.core.windows.net/${SECRET}`,
  `file:///etc/${SECRET}`,
  `data:text/plain,${SECRET}`,
  `/r.xlsx?sig=${SECRET}`,
  `https://dtm.blob.core.windows.net/r.xlsx?sig=${SECRET.repeat(1100)}`,
  `https://?sig=${SECRET}`,
  { href: `https://a/${SECRET}` },
  [SECRET],
  '',
  5,
  null,
];
for (const downloadUrl of BAD_LINKS)
  test(`${JSON.stringify(downloadUrl)?.slice(0, 80)} is not accepted as a link, and not shown`, () => {
    assert.throws(
      () => read({ downloadUrl, fileName: 'a.xlsx' }),
      (error) => {
        assert.ok(error instanceof DTMAnswerShapeError, String(error));
        assert.equal(error.path, 'downloadUrl');
        assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes(SECRET));
        return true;
      },
    );
  });

test('a link over http is accepted only on loopback, of an API on loopback', () => {
  const api = 'http://127.0.0.1:8080/HNA/v1/download';
  assert.equal(read({ downloadUrl: 'http://127.0.0.1:9/r' }, api).downloadUrl, 'http://127.0.0.1:9/r');
  assert.equal(read({ downloadUrl: BLOB }, api).downloadUrl, BLOB);
  assert.throws(() => read({ downloadUrl: 'http://example.org/r' }, api), DTMAnswerShapeError);
});

test('an answer without a link says why', () => {
  assert.throws(() => read({}), { name: 'DTMAnswerShapeError', received: 'undefined' });
  assert.throws(() => read([BLOB]), { name: 'DTMAnswerShapeError', expected: 'an object with downloadUrl' });
  assert.throws(() => read({ downloadUrl: BLOB, fileName: 5 }), {
    name: 'DTMAnswerShapeError',
    path: 'fileName',
  });
  assert.throws(() => read({ downloadUrl: BLOB, expiresAt: 5 }), {
    name: 'DTMAnswerShapeError',
    path: 'expiresAt',
  });
  assert.throws(
    () => read({ message: 'No report' }),
    (error) => {
      assert.ok(error instanceof DTMApiResponseError);
      assert.deepEqual(error.errorMessages, ['No report']);
      return true;
    },
  );
  assert.throws(
    () => read({ downloadUrl: BLOB, isSuccess: false, errorMessages: ['Busy'] }),
    DTMApiResponseError,
  );
});
