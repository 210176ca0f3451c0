// All pages of a query: whole, or an error.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DTMAnswerShapeError, DTMApiRequestError, ValidationError } from '../../../lib/dtm/errors.ts';
import { type Step, send, serve } from '../start-api-server.ts';
import { hnaClient, nested, page, QUERY, ROWS } from './start-hna-server.ts';

const pageOf = (url: string | undefined): number =>
  Number(new URL(url ?? '', 'http://x').searchParams.get('Page'));
const rowsOf = (number: number) => ROWS.map((row) => ({ ...row, page: number }));
const numbers = (requests: readonly { path: string }[]) => requests.map(({ path }) => pageOf(path));

/** Pages up to `last`, each described by `describe`. */
const book =
  (last: number, describe: (rows: unknown[], hasNext: boolean) => unknown): Step =>
  (response, request) => {
    const number = pageOf(request.url);
    send(describe(number > last ? [] : rowsOf(number), number < last))(response, request);
  };

test('the rows of all pages are returned in order', async (t) => {
  const server = await serve(t, book(3, page));
  const rows = await hnaClient(server).getAllHnaAdmin2Data({ ...QUERY, populationGroup: 'IDP' });
  assert.deepEqual(rows, [1, 2, 3].flatMap(rowsOf));
  assert.deepEqual(numbers(server.requests), [1, 2, 3]);
  assert.ok(server.requests.every(({ path }) => path.includes('PopulationGroup=IDP&')));
});

test('without pagination, pages are asked for until one is empty', async (t) => {
  const server = await serve(
    t,
    book(2, (rows) => nested({ data: rows })),
  );
  assert.deepEqual(await hnaClient(server).getAllHnaAdmin2Data(QUERY), [1, 2].flatMap(rowsOf));
  assert.deepEqual(numbers(server.requests), [1, 2, 3]);
});

test('an empty page with a next page does not end the pages', async (t) => {
  const server = await serve(
    t,
    send(page(rowsOf(1), true)),
    send(page([], true)),
    send(page(rowsOf(3), false)),
  );
  assert.deepEqual(await hnaClient(server).getAllHnaAdmin2Data(QUERY), [1, 3].flatMap(rowsOf));
});

test('pages that fit maxPages exactly are returned', async (t) => {
  const server = await serve(t, book(3, page));
  assert.equal((await hnaClient(server).getAllHnaAdmin2Data(QUERY, { maxPages: 3 })).length, 6);
});

for (const [name, describe] of [
  ['with a next page each', (rows: unknown[]) => page(rows, true)],
  ['without pagination', (rows: unknown[]) => nested({ data: rows })],
] as const)
  test(`pages that never end, ${name}, are an error after maxPages requests`, async (t) => {
    const server = await serve(t, book(1e9, describe));
    const error = await hnaClient(server)
      .getAllHnaAdmin2Data(QUERY, { maxPages: 5 })
      .catch((each) => each);
    assert.ok(error instanceof DTMApiRequestError, String(error));
    assert.deepEqual([error.reason, error.service], ['too-large', 'hna']);
    assert.match(
      error.message,
      /hna-admin2 NWL page 5: expected at most 5 pages, got more; nothing is returned: raise maxPages/,
    );
    assert.equal(server.requests.length, 5);
  });

test('maxPages is 100 by default', async (t) => {
  const server = await serve(t, book(1e9, page));
  await assert.rejects(hnaClient(server).getAllHnaAdmin2Data(QUERY), { reason: 'too-large' });
  assert.equal(server.requests.length, 100);
});

test('a page that repeats an earlier one is an error', async (t) => {
  const server = await serve(
    t,
    send(page(rowsOf(1), true)),
    send(page(rowsOf(2), true)),
    send(page(rowsOf(1), false)),
  );
  const error = await hnaClient(server)
    .getAllHnaAdmin2Data(QUERY)
    .catch((each) => each);
  assert.ok(error instanceof DTMAnswerShapeError, String(error));
  assert.match(error.message, /page 3: the answer: expected other rows .*the rows of page 1 again/);
});

test('a service that ignores the page number is an error after two requests', async (t) => {
  const server = await serve(t, send(nested({ data: ROWS })));
  await assert.rejects(hnaClient(server).getAllHnaAdmin2Data(QUERY), DTMAnswerShapeError);
  assert.equal(server.requests.length, 2);
});

test('pages that are together larger than maxBytes are an error', async (t) => {
  const server = await serve(t, book(1e9, page));
  const api = hnaClient(server, { maxBytes: 3000 });
  await assert.rejects(api.getAllHnaAdmin2Data(QUERY), {
    reason: 'too-large',
    message: /3000 bytes in all pages/,
  });
  assert.ok(server.requests.length < 12);
});

test('the last page counts for maxBytes, too', async (t) => {
  const server = await serve(t, book(2, page));
  const size = JSON.stringify(page(rowsOf(1), true)).length;
  await assert.rejects(hnaClient(server, { maxBytes: size + 10 }).getAllHnaAdmin2Data(QUERY), {
    reason: 'too-large',
  });
});

test('a page that fails is retried alone; if it fails for good, nothing is returned', async (t) => {
  const failing: Step = (response, request) => send({}, 503)(response, request);
  const server = await serve(t, book(2, page), failing, book(2, page));
  assert.equal((await hnaClient(server).getAllHnaAdmin2Data(QUERY)).length, 4);
  assert.deepEqual(numbers(server.requests), [1, 2, 2]);
  const broken = await serve(t, book(2, page), failing);
  const error = await hnaClient(broken, { maxRetries: 1 })
    .getAllHnaAdmin2Data(QUERY)
    .catch((each) => each);
  assert.deepEqual(
    [error.name, error.status, error.attempts, error.service],
    ['DTMApiRequestError', 503, 2, 'hna'],
  );
});

test('an aborted call ends between pages with the reason of the signal', async (t) => {
  const stop = new AbortController();
  const reason = new Error('enough');
  const server = await serve(t, (response, request) => {
    if (pageOf(request.url) === 3) stop.abort(reason);
    book(1e9, page)(response, request);
  });
  const pages = hnaClient(server).getAllHnaAdmin2Data(QUERY, { signal: stop.signal });
  await assert.rejects(pages, (error) => error === reason);
  assert.equal(server.requests.length, 3);
});

for (const maxPages of [0, -1, 1.5, '3', null, Number.POSITIVE_INFINITY])
  test(`maxPages ${JSON.stringify(maxPages)} is refused before any request`, async (t) => {
    const server = await serve(t, book(1, page));
    await assert.rejects(
      hnaClient(server).getAllHnaAdmin2Data(QUERY, { maxPages: maxPages as number }),
      ValidationError,
    );
    await assert.rejects(
      hnaClient(server).getAllHnaAdmin2Data({ ...QUERY, page: 2 } as never),
      ValidationError,
    );
    assert.equal(server.requests.length, 0);
  });
