// A whole download and a verification from an unreliable server: it fails one request in five, and sends .gz files with
// Content-Encoding: gzip.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { downloadRelease } from '../../lib/read/download.ts';
import { randomOf } from '../../lib/simulator/world/random.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { webStore } from '../../lib/store/web/web-store.ts';
import { verifyRelease } from '../../lib/verify/verify.ts';
import { exportInto, simulator, temporaryFolder } from '../setting.ts';
import { DOWNLOAD_ALL, hashFiles } from '../stores.ts';

/** Failures before a response or in the middle of it. */
const FAILS: ((response: ServerResponse, body: Uint8Array) => unknown)[] = [
  (response) => response.writeHead(503, { 'Retry-After': '0' }).end('busy'),
  (response) => response.writeHead(500).end(),
  (response) => response.destroy(),
  (response, body) => {
    response.writeHead(200, { 'Content-Length': body.length });
    response.write(body.subarray(0, body.length / 2), () => response.destroy());
  },
];

/** Serves a folder and fails one request in five. */
async function startFlakyServer(
  t: TestContext,
  folder: string,
): Promise<{ url: string; failed: () => number; asked: () => number }> {
  let [failed, asked] = [0, 0];
  const attempts = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const key = decodeURIComponent(request.url ?? '').slice(1);
    const found = await folderStore(folder).get(key);
    if (!found) return response.writeHead(404).end();
    asked++;
    // The same requests fail in any order of the files, and on any day.
    const path = key.replace(/^releases\/[^/]+\//, '');
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    const random = randomOf('flaky', path, attempt);
    if (random.next() < 0.2) {
      failed++;
      return random.pick(FAILS)(response, found.body);
    }
    const encoding = key.endsWith('.gz') ? { 'Content-Encoding': 'gzip' } : {};
    response.writeHead(200, { 'Content-Length': found.body.length, ...encoding }).end(found.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { url, failed: () => failed, asked: () => asked };
}

test('download and verify succeed although one request in five fails', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url, countries: ['AFG', 'TCD'] });
  const server = await startFlakyServer(t, folder);
  const copy = await temporaryFolder(t);
  const source = webStore(server.url, { retryDelay: 0.001 });
  const { whole, problems } = await downloadRelease(source, folderStore(copy), DOWNLOAD_ALL);
  assert.deepEqual([whole, problems], [true, []]);
  const published = [...(await hashFiles(folder))].filter(([path]) =>
    /^releases\/|^latest\.json$/.test(path),
  );
  // A copy has its own list.
  const copied = [...(await hashFiles(copy))].filter(([path]) => path !== 'releases.json');
  assert.deepEqual(copied.sort(), published.sort());
  assert.deepEqual((await verifyRelease(source)).problems, []);
  assert.ok(
    server.failed() > server.asked() / 8 && server.failed() > 10,
    `${server.failed()} requests failed`,
  );
});
