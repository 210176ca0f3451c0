// `serve` answers like the bucket of the dataset, keeps private files private, and never mixes two versions of a file.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { type DatasetServer, type ServeOptions, serveDataset } from '../../lib/read/serve.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { type Store, StoreError } from '../../lib/store/store.ts';
import { webStore } from '../../lib/store/web/web-store.ts';
import { settle } from './settle.ts';

const DATA = 'releases/2026-11-24.1/tables/admin0/admin0.parquet';
const big = new Uint8Array(3_500_000).map((_, index) => index * 31);

/** Creates a folder with a release and private files, and a secret file beside it. */
async function createDataset(t: TestContext): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'serve-'));
  t.after(() => rm(parent, { recursive: true, force: true }));
  const root = join(parent, 'root');
  const store = folderStore(root);
  const put = (key: string, body: string | Uint8Array) => store.put(key, Buffer.from(body), 'absent');
  await put('latest.json', '{"release": "2026-11-24.1"}');
  await put(DATA, big);
  await put('releases/2026-11-24.1/csv/admin0.csv.gz', 'zipped');
  await put('releases/2026-11-24.1/manifest.json', '{}');
  await put('empty.txt', '');
  await put('a b/ünï.txt', 'named');
  await put('per%20cent.txt', 'decoded once');
  await put('runs/r/report.json', 'private');
  await put('Runs/r/report.json', 'private');
  await mkdir(join(root, '.git'));
  await writeFile(join(root, '.git', 'config'), 'private');
  await writeFile(join(parent, 'secret.txt'), 'secret');
  await symlink(join(parent, 'secret.txt'), join(root, 'link.txt'));
  await symlink(parent, join(root, 'out'));
  return root;
}

async function start(t: TestContext, store: Store, options: ServeOptions = {}): Promise<DatasetServer> {
  const served = await serveDataset(store, { port: 0, visibility: 'public', ...options });
  t.after(() => served.close().catch(() => {}));
  return served;
}

interface ReceivedResponse {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** Requests a path exactly as it is written. `fetch` would normalise it. */
async function ask(
  served: DatasetServer,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<ReceivedResponse> {
  const sent = request({ host: '127.0.0.1', port: served.port, path, method, headers, agent: false });
  sent.end();
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

test('GET returns a whole file with the headers of a bucket', async (t) => {
  const served = await start(t, folderStore(await createDataset(t)));
  assert.equal(served.url, `http://127.0.0.1:${served.port}/`);
  const { status, headers, body } = await ask(served, `/${DATA}`);
  assert.equal(status, 200);
  assert.ok(body.equals(big));
  assert.equal(headers['content-length'], String(big.length));
  assert.equal(headers['content-type'], 'application/vnd.apache.parquet');
  assert.equal(headers['cache-control'], 'public, max-age=31536000, s-maxage=86400, immutable');
  assert.equal(headers['accept-ranges'], 'bytes');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['access-control-allow-origin'], '*');
  assert.equal(
    headers['access-control-expose-headers'],
    'ETag, Content-Range, Content-Length, Accept-Ranges',
  );
  assert.match(headers.etag ?? '', /^"[0-9a-f-]+"$/);
  assert.ok(Math.abs(Date.parse(headers['last-modified'] ?? '') - Date.now()) < 60_000);
  const csv = await ask(served, '/releases/2026-11-24.1/csv/admin0.csv.gz', { 'Accept-Encoding': 'gzip' });
  assert.equal(csv.headers['content-encoding'], undefined);
  assert.equal(csv.headers['content-type'], 'application/gzip');
  assert.equal((await ask(served, '/latest.json?now=1')).headers['cache-control'], 'public, no-cache');
  assert.equal((await ask(served, '/a%20b/%C3%BCn%C3%AF.txt')).body.toString(), 'named');
  assert.equal((await ask(served, '/per%2520cent.txt')).body.toString(), 'decoded once');
  assert.equal((await ask(served, '/empty.txt')).body.length, 0);
});

test('HEAD returns the status and headers of GET without a body', async (t) => {
  const served = await start(t, folderStore(await createDataset(t)));
  for (const path of [`/${DATA}`, '/latest.json', '/empty.txt', '/missing', '/']) {
    const head = await ask(served, path, { Range: 'bytes=0-3' }, 'HEAD');
    const get = await ask(served, path);
    assert.equal(head.status, get.status, path);
    assert.equal(head.body.length, 0);
    assert.deepEqual({ ...head.headers, date: '' }, { ...get.headers, date: '' });
  }
});

const RANGES: [range: string, status: number, contentRange: string | undefined, from: number, to: number][] =
  [
    ['bytes=0-9', 206, 'bytes 0-9/3500000', 0, 10],
    ['bytes=1000000-3000000', 206, 'bytes 1000000-3000000/3500000', 1_000_000, 3_000_001],
    ['bytes=3499990-', 206, 'bytes 3499990-3499999/3500000', 3_499_990, 3_500_000],
    ['bytes=-8', 206, 'bytes 3499992-3499999/3500000', 3_499_992, 3_500_000],
    ['bytes=3500000-', 416, 'bytes */3500000', 0, 0],
    ['bytes=0-1,4-5', 200, undefined, 0, 3_500_000],
  ];
test('a Range request gets 206, past the end 416, and with several ranges 200', async (t) => {
  const served = await start(t, folderStore(await createDataset(t)));
  for (const [range, status, contentRange, from, to] of RANGES) {
    const response = await ask(served, `/${DATA}`, { Range: range });
    assert.equal(response.status, status, range);
    assert.equal(response.headers['content-range'], contentRange, range);
    assert.equal(response.headers['content-length'], String(to - from), range);
    assert.ok(response.body.equals(big.subarray(from, to)), range);
  }
});

test('If-None-Match of the same version gets 304, and If-Range of an old one the whole file', async (t) => {
  const root = await createDataset(t);
  const served = await start(t, folderStore(root));
  const etag = (await ask(served, '/latest.json')).headers.etag ?? '';
  const notModified = await ask(served, '/latest.json', { 'If-None-Match': etag });
  assert.equal(notModified.status, 304);
  assert.equal(notModified.body.length, 0);
  assert.equal(notModified.headers.etag, etag);
  assert.equal((await ask(served, '/latest.json', { Range: 'bytes=0-1', 'If-Range': etag })).status, 206);
  await folderStore(root).put('latest.json', Buffer.from('{"release": "other"}'), 'anything');
  assert.equal((await ask(served, '/latest.json', { 'If-None-Match': etag })).status, 200);
  const whole = await ask(served, '/latest.json', { Range: 'bytes=0-1', 'If-Range': etag });
  assert.equal(whole.status, 200);
  assert.equal(whole.body.toString(), '{"release": "other"}');
});

const HIDDEN = [
  '/missing',
  '/runs/r/report.json',
  '/Runs/r/report.json',
  '/RUNS/r/report.json',
  '/runs%2fr%2freport.json',
  '/%72uns/r/report.json',
  '/./runs/r/report.json',
  '//runs/r/report.json',
  '/releases/../runs/r/report.json',
  '/releases/%2e%2e/runs/r/report.json',
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/%252e%252e%252fsecret.txt',
  '/..\\secret.txt',
  '/..%5csecret.txt',
  '/out/secret.txt',
  '/link.txt',
  '/.git/config',
  '/%2egit/config',
  '/.lock',
  '/.tmp/',
  '/latest.json%00',
  '/latest.json%00.txt',
  '/latest.json/',
  '/latest.json.',
  '/%ff',
  '/%',
  '/releases',
  '/releases/',
  '/C:/secret.txt',
  '/etc/passwd',
  '//etc/passwd',
  'http://127.0.0.1/latest.json',
  'http://evil.org/latest.json',
];
test('runs, dotfiles, folders and paths outside the dataset get 404', async (t) => {
  const served = await start(t, folderStore(await createDataset(t)));
  for (const path of HIDDEN) {
    for (const method of ['GET', 'HEAD']) {
      const { status, headers, body } = await ask(served, path, {}, method);
      assert.equal(status, 404, path);
      assert.equal(body.toString(), method === 'GET' ? 'There is no such file here.\n' : '', path);
      assert.equal(headers['content-type'], 'text/plain; charset=utf-8');
    }
  }
});

test('a Host header other than localhost or a loopback address gets 403', async (t) => {
  const served = await start(t, folderStore(await createDataset(t)));
  const status = async (Host: string) => (await ask(served, '/latest.json', { Host })).status;
  for (const host of [
    '127.0.0.1',
    'localhost',
    `localhost:${served.port}`,
    'localhost:9',
    '[::1]:80',
    'LOCALHOST',
  ]) {
    assert.equal(await status(host), 200, host);
  }
  for (const host of ['evil.org', 'localhost.evil.org', '127.0.0.1.evil.org', 'a b', 'localhost@evil.org']) {
    assert.equal(await status(host), 403, host);
  }
  const socket = connect(served.port, '127.0.0.1');
  socket.write('GET /latest.json HTTP/1.0\r\n\r\n');
  assert.match(await text(socket), /^HTTP\/1\.1 403 /);
});

test('methods other than GET, HEAD and OPTIONS get 405', async (t) => {
  const served = await start(t, folderStore(await createDataset(t)));
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'TRACE', 'PROPFIND']) {
    const { status, headers } = await ask(served, '/latest.json', {}, method);
    assert.equal(status, 405);
    assert.equal(headers.allow, 'GET, HEAD, OPTIONS');
  }
});

test('CORS allows every origin for a public dataset, and local origins for a private one', async (t) => {
  const store = folderStore(await createDataset(t));
  const open = await start(t, store);
  const closed = await start(t, store, { visibility: 'private' });
  const origin = async (served: DatasetServer, Origin: string, method = 'GET') =>
    (await ask(served, '/latest.json', { Origin }, method)).headers['access-control-allow-origin'];
  assert.equal(await origin(open, 'https://example.org'), '*');
  for (const local of ['http://localhost:3000', 'https://127.0.0.1', 'http://[::1]:8080']) {
    assert.equal(await origin(closed, local), local);
  }
  for (const other of [
    'https://example.org',
    'null',
    'http://localhost.evil.org',
    'https://evil.org/localhost',
  ]) {
    assert.equal(await origin(closed, other), undefined, other);
    assert.equal(await origin(closed, other, 'OPTIONS'), undefined, other);
  }
  const { headers } = await ask(closed, '/latest.json');
  assert.equal(headers.vary, 'Origin');
  assert.equal(headers['cache-control'], 'private, no-cache');
  const preflight = await ask(open, `/${DATA}`, { Origin: 'https://example.org' }, 'OPTIONS');
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers['access-control-allow-methods'], 'GET, HEAD, OPTIONS');
  assert.match(preflight.headers['access-control-allow-headers'] ?? '', /^Range, /);
  assert.equal(preflight.headers['access-control-max-age'], '86400');
});

test('/ returns the page, or 404 with a hint if there is no page', async (t) => {
  const root = await createDataset(t);
  const served = await start(t, folderStore(root));
  const hint = await ask(served, '/');
  assert.equal(hint.status, 404);
  assert.match(
    hint.body.toString(),
    /^This dataset has no page; .* \/latest\.json and \/releases\.json\.\n$/,
  );
  await writeFile(join(root, 'index.html'), '<p>page');
  const page = await ask(served, '/?x');
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(page.body.toString(), '<p>page');
});

test('a file is read only as fast as the client takes it, and no longer after it disconnects', async (t) => {
  const errors: unknown[] = [];
  const store = folderStore(await createDataset(t));
  let reads = 0;
  const long: Store = {
    ...store,
    head: async (key) =>
      (await store.head(key)) && { key, bytes: 2 ** 30, etag: 'long', modified: new Date() },
    get: async (_, range) => {
      reads++;
      const bytes = range ? range.end - range.start + 1 : 0;
      return { body: new Uint8Array(bytes), etag: 'long' };
    },
  };
  const served = await start(t, long, { onError: (error) => errors.push(error) });
  const socket = connect(served.port, '127.0.0.1');
  socket.write(`GET /${DATA} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await once(socket, 'readable');
  const ahead = await settle(() => reads);
  assert.ok(ahead < 40, `${ahead} MiB were read ahead of a client that takes nothing`);
  socket.destroy();
  assert.ok((await settle(() => reads)) <= ahead + 1);
  assert.deepEqual(errors, []);
});

/** A store whose object is replaced at the reads for which `at` is true. */
function replacingStore(store: Store, at: (read: number) => boolean): Store {
  let reads = 0;
  return {
    ...store,
    async get(key, range) {
      const found = await store.get(key, range);
      return found && at(++reads) ? { ...found, etag: 'newer' } : found;
    },
  };
}

test('a response never mixes two versions of a file that is replaced meanwhile', async (t) => {
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const store = folderStore(await createDataset(t));
  const settling = await start(
    t,
    replacingStore(store, (read) => read <= 3),
    { onError },
  );
  assert.equal((await ask(settling, '/latest.json')).status, 200);
  const always = await start(
    t,
    replacingStore(store, () => true),
    { onError },
  );
  const unavailable = await ask(always, '/latest.json');
  assert.equal(unavailable.status, 503);
  assert.equal(unavailable.headers['retry-after'], '1');
  assert.deepEqual(errors, []);
  const later = await start(
    t,
    replacingStore(store, (read) => read === 2),
    { onError },
  );
  await assert.rejects(ask(later, `/${DATA}`), { code: 'ECONNRESET' });
  assert.match(String(errors), /was replaced while it was being sent/);
});

test('a store error gets 500 without its message, which only onError receives', async (t) => {
  const errors: unknown[] = [];
  const failing = {
    ...folderStore('/nowhere'),
    head: () => Promise.reject(new StoreError('x', '/secret/path: no')),
  };
  const served = await start(t, failing, { onError: (error) => errors.push(error) });
  const { status, body } = await ask(served, '/latest.json');
  assert.equal(status, 500);
  assert.equal(body.toString(), 'The dataset could not be read.\n');
  assert.match(String(errors), /secret/);
  assert.equal((await ask(await start(t, failing), '/latest.json')).status, 500);
});

test('a served dataset can be read as a web store and served again', async (t) => {
  const folder = folderStore(await createDataset(t));
  const first = await start(t, folder, { visibility: 'private' });
  const web = webStore(first.url);
  assert.ok(Buffer.from((await web.get(DATA))?.body ?? []).equals(big));
  assert.equal((await web.head(DATA))?.etag, `"${(await folder.head(DATA))?.etag}"`);
  assert.equal(await web.get('runs/r/report.json'), null);
  const second = await start(t, web);
  const { headers, body } = await ask(second, `/${DATA}`, { Range: 'bytes=500000-2500000' });
  assert.equal(headers.etag, `"${(await folder.head(DATA))?.etag}"`);
  assert.ok(body.equals(big.subarray(500_000, 2_500_001)));
});

test('a port in use throws a StoreError, and a closed server refuses connections', async (t) => {
  const served = await start(t, folderStore(await createDataset(t)));
  await assert.rejects(serveDataset(folderStore('/nowhere'), { port: served.port }), (error) => {
    return (
      error instanceof StoreError && error.message === `port ${served.port} is in use: choose another one`
    );
  });
  const idle = connect(served.port, '127.0.0.1');
  await once(idle, 'connect');
  await served.close();
  await assert.rejects(ask(served, '/latest.json'), { code: 'ECONNREFUSED' });
});
