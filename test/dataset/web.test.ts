// A dataset on servers that fail, lie, cut, damage or replace files, or know no ranges.
import assert from 'node:assert/strict';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { WebOptions } from '../../lib/dataset/reader.ts';
import { openDataset } from '../../lib/dataset/reader.ts';
import { assertSame } from '../assert-same.ts';
import { exportInto, simulator, skipSchemaCheck, temporaryFolder } from '../setting.ts';
import { collect, fails } from './outcomes.ts';
import { type Fault, type FileRequest, startFiles } from './start-files.ts';

const QUICK: WebOptions = { retryDelay: 0.001, timeout: 5 };

const TABLE = 'tables/admin2/admin2.parquet';
const ofTable = ({ path }: FileRequest): boolean => path.endsWith(TABLE);

test('a dataset on the web', async (t) => {
  const world = await simulator(t, { scale: 0.3 });
  const folder = skipSchemaCheck(await temporaryFolder(t));
  await exportInto({ folder, url: world.url, countries: null, levels: [2] });
  const files = await startFiles(t, folder);
  const open = (options: WebOptions = {}) => openDataset(files.url, { ...QUICK, ...options });
  const release = await open().current();
  const { bytes: size } = release.file(TABLE);
  const rows = await collect(release.rows('admin2'));
  assert.ok(rows.length > 30_000);

  /** Sets the fault of the requests of the table, and forgets earlier requests. */
  const faulty = (fault: (request: FileRequest, number: number) => Fault | undefined): void => {
    files.requests.length = 0;
    let number = 0;
    files.fault = (request) => (ofTable(request) ? fault(request, ++number) : undefined);
  };
  const read = () => collect(release.rows('admin2', { columns: ['admin0_pcode'] }));

  await t.test('a server without ranges sends the whole file once, and its SHA-256 is checked', async () => {
    faulty(() => ({ noRanges: true }));
    assertSame(await collect(release.rows('admin2')), rows);
    assert.equal(files.requests.length, 1);
    faulty(() => ({ noRanges: true, change: flip }));
    await fails(read(), 'damaged', /admin2\.parquet is damaged: expected SHA-256/);
  });

  await t.test(
    'network failures, cut bodies, HTTP 429 and 5xx are tried again, three times in all',
    async () => {
      const faults: Fault[] = [
        { cutAfter: 100 },
        { status: 500 },
        { status: 503 },
        { status: 429 },
        { cutAfter: 0 },
      ];
      for (const fault of faults) {
        faulty((_, number) => (number % 3 === 0 ? undefined : fault));
        assert.equal((await read()).length, rows.length);
        faulty(() => fault);
        await fails(
          read(),
          'unreachable',
          fault.status ? new RegExp(`HTTP ${fault.status}`) : /could not be reached/,
        );
        assert.equal(files.requests.length, 3);
      }
      faulty(() => ({ status: 500 }));
      await assert.rejects(collect((await open({ maxRetries: 0 }).current()).rows('admin2')), {
        status: 500,
      });
      assert.equal(files.requests.filter(ofTable).length, 1);
    },
  );

  await t.test('Retry-After is respected, and an abort ends the wait', async () => {
    faulty((_, number) => (number === 1 ? { status: 503, headers: { 'Retry-After': '1' } } : undefined));
    const start = performance.now();
    await read();
    assert.ok(performance.now() - start > 950);
    faulty(() => ({ status: 503, headers: { 'Retry-After': '20' } }));
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 100);
    const stopped = collect(release.rows('admin2', { signal: controller.signal }));
    await assert.rejects(stopped, { message: 'enough' });
    assert.ok(performance.now() - start < 10_000);
  });

  await t.test('refusals are not tried again', async () => {
    for (const status of [400, 401, 403]) {
      faulty(() => ({ status }));
      await fails(
        read(),
        'unreachable',
        new RegExp(`HTTP ${status}${status > 400 ? ': it may be private, or not there' : ''}$`),
      );
      assert.equal(files.requests.filter(ofTable).length, 1);
    }
    faulty(() => ({ status: 416 }));
    await fails(read(), 'damaged', /shorter than the manifest says/);
    faulty(() => ({ status: 404 }));
    await fails(read(), 'damaged', /is listed, but not there/);
  });

  await t.test(
    'damaged parts are an error, or have as many rows; a wrong length is always an error',
    async (subtest) => {
      let errors = 0;
      const places = Array.from({ length: 20 }, (_, at) => (at + 0.5) / 20);
      for (const at of places) {
        faulty((_, number) => (number === 2 ? { change: (body) => flip(body, at) } : undefined));
        const outcome = await read().catch((error) => error);
        if (Array.isArray(outcome)) assert.equal(outcome.length, rows.length);
        else assert.deepEqual([outcome.name, outcome.kind], ['DatasetError', 'damaged'], String(outcome));
        errors += Array.isArray(outcome) ? 0 : 1;
      }
      subtest.diagnostic(`${errors} of ${places.length} flipped bits were noticed without the SHA-256`);
      faulty(() => ({ change: (body) => body.fill(0) }));
      await fails(read(), 'damaged', /cannot be read as Parquet/);
      faulty(() => ({ change: (body) => body.subarray(1) }));
      await fails(read(), 'damaged', /expected \d+ bytes, found \d+/);
      faulty(() => ({ noRanges: true, change: (body) => body.subarray(0, -1) }));
      await fails(read(), 'damaged', new RegExp(`expected ${size} bytes, found ${size - 1}`));
      faulty(() => ({ noRanges: true, change: (body) => Buffer.concat([body, body]) }));
      await fails(read(), 'damaged', /it is longer than \d+ bytes/);
      faulty(() => ({ change: (body) => Buffer.concat([body, body]) }));
      await fails(read(), 'damaged', /it is longer than \d+ bytes/);
    },
  );

  await t.test('with checked, one wrong bit anywhere is found before the first row', async () => {
    faulty(() => ({ change: (body) => flip(body, 0.37) }));
    await fails(collect(release.rows('admin2', { checked: true, limit: 1 })), 'damaged', /expected SHA-256/);
    faulty(() => undefined);
    assertSame(await collect(release.rows('admin2', { checked: true })), rows);
    assert.deepEqual(
      files.requests.map(({ range }) => range),
      [undefined],
    );
  });

  await t.test('a file that is replaced between two parts is an error: its parts are not mixed', async () => {
    faulty((_, number) => ({ headers: { ETag: `"version ${number > 1}"` } }));
    await fails(read(), 'replaced', /admin2\.parquet was replaced while it was read/);
    faulty(({ range = '' }, number) =>
      number > 1 ? { headers: { 'Content-Range': `${range.replace('=', ' ')}/${size + 1}` } } : undefined,
    );
    await fails(read(), 'damaged', /expected the range bytes \d+-\d+\/\d+, the server sent/);
    faulty(() => ({ headers: { 'Content-Range': `bytes 0-9/${size}` } }));
    await fails(read(), 'damaged', /expected the range/);
  });

  await t.test(
    'a server that sends nothing, or next to nothing, is given up after the timeout',
    { timeout: 60_000 },
    async () => {
      faulty(() => ({ stall: true }));
      const hasty = await open({ timeout: 1, maxRetries: 1 }).current();
      await fails(collect(hasty.rows('admin2')), 'unreachable', /nothing came in 1 seconds/);
      // On a slow machine the time of an attempt may be over before the server has its request.
      assert.ok([1, 2].includes(files.requests.filter(ofTable).length));
      faulty(() => ({ trickle: 10 }));
      const slow = await open({ timeout: 1, maxRetries: 1 }).current();
      await fails(collect(slow.rows('admin2')), 'unreachable', /only \d+ bytes came in 1 seconds/);
    },
  );

  await t.test('headers reach every request, and no other server by a redirect', async (subtest) => {
    const other = await startFiles(subtest, folder);
    files.fault = null;
    files.requests.length = 0;
    const secret = { Authorization: 'Bearer secret' };
    const mine = await open({ headers: secret }).current();
    await mine.download('LICENSE.txt');
    const own = files.requests.filter((one) => !ofTable(one));
    assert.deepEqual(
      own.map(({ headers }) => headers.authorization),
      Array(3).fill('Bearer secret'),
    );
    const elsewhere = { status: 302, headers: { Location: `${other.url}latest.json` } };
    files.fault = () => elsewhere;
    await fails(
      open({ headers: secret, maxRetries: 0 }).current(),
      'unreachable',
      /^(?!.*secret).*redirects are not followed/,
    );
    assert.deepEqual(other.requests, []);
    files.fault = ({ path }) => (path === 'latest.json' ? elsewhere : undefined);
    assert.equal((await open().current()).id, release.id);
    assert.equal(other.requests.length, 1);
    files.fault = null;
  });

  await t.test('an address without a server is unreachable', async () => {
    await fails(
      openDataset('http://127.0.0.1:1/', { maxRetries: 0 }).current(),
      'unreachable',
      /http:\/\/127\.0\.0\.1:1 could not be reached \(/,
    );
    await fails(openDataset(new URL('nowhere', files.url)).current(), 'none-published', /no latest\.json/);
  });

  await t.test('an endless file of JSON ends at 64 MiB', async (subtest) => {
    const large = skipSchemaCheck(await temporaryFolder(subtest));
    await cp(folder, large, { recursive: true });
    await writeFile(join(large, 'latest.json'), Buffer.alloc(70 << 20, ' '));
    const server = await startFiles(subtest, large);
    await fails(openDataset(server.url).current(), 'damaged', /expected 67108864 bytes at most/);
  });
});

/** Changes one bit of a body, by default in its middle. */
function flip(body: Buffer, at = 0.5): Buffer {
  const place = Math.floor(body.length * at);
  body[place] = (body[place] as number) ^ 0x10;
  return body;
}
