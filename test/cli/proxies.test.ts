// Commands behind a company's proxy with its own certificate, as `docs/network.md` describes.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { exportInto, MAIN, ROOT, simulator, temporaryFolder } from '../setting.ts';
import { CERTIFICATE, type Proxied, proxied, refusing } from '../store/proxied/start-proxy.ts';

/** Serves a dataset at `https://data.example/dtm`, behind a proxy. */
async function serveBehindProxy(t: TestContext): Promise<Proxied> {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url, countries: ['TCD'] });
  return proxied(t, async (request, response) => {
    const found = await folderStore(folder).get(decodeURIComponent(request.url ?? '').replace('/dtm/', ''));
    if (found) response.end(found.body);
    else response.writeHead(404).end();
  });
}

/** Runs a shell script in a folder. */
function shell(script: string, cwd: string): Promise<{ stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH, NODE_V8_COVERAGE: '' };
  return promisify(execFile)('sh', ['-ec', script], { cwd, env });
}

test('download works through a proxy with the setting of docs/network.md', async (t) => {
  const { host, asked } = await serveBehindProxy(t);
  const page = await readFile(join(ROOT, 'docs/network.md'), 'utf8');
  const script = (/^```sh\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '')
    .replace('proxy.example:3128', host)
    .replace('/etc/ssl/certs/office.pem', CERTIFICATE)
    .replace('npx dtm-exporter', `${process.execPath} ${MAIN}`);
  const cwd = await temporaryFolder(t);
  const { stdout } = await shell(script, cwd);
  assert.match(stdout, /^Release .* is in \.\/dtm\/releases\//);
  assert.ok(asked.length > 0 && asked.every((target) => target === 'data.example:443'));
});

test('export reaches the API through a tunnel of the proxy', async (t) => {
  const api = await simulator(t, { scale: 0.003 });
  const { host, asked } = await proxied(t, (incoming, response) => {
    const headers = { ...incoming.headers, host: new URL(api.url).host };
    incoming.pipe(
      request(`${api.url}${incoming.url}`, { method: incoming.method, headers }, (answer) =>
        answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers)),
      ),
    );
  });
  const cwd = await temporaryFolder(t);
  const variables = `DTMAPI_URL=https://data.example DTMAPI_SUBSCRIPTION_KEY=sample-key HTTPS_PROXY=${host} NODE_EXTRA_CA_CERTS=${CERTIFICATE}`;
  const { stdout } = await shell(
    `${variables} ${process.execPath} ${MAIN} export --countries TCD --levels 0 --json`,
    cwd,
  );
  assert.equal(JSON.parse(stdout).outcome, 'published');
  assert.ok(asked.length > 0 && asked.every((target) => target === 'data.example:443'));
});

test('an invalid proxy exits with 2, a refusing one with 1, without the password', async (t) => {
  const { host } = await proxied(t, () => {}, refusing(407));
  const run = (proxy: string) =>
    shell(`HTTPS_PROXY=${proxy} ${process.execPath} ${MAIN} verify https://data.example/`, ROOT);
  for (const [proxy, code, says] of [
    ['socks5://me:hunter2@x', 2, /HTTPS_PROXY: expected http:\/\/HOST:PORT/],
    [`http://me:hunter2@${host}`, 1, /the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) answers 407/],
  ] as const) {
    await assert.rejects(run(proxy), (error: { code: number; stderr: string }) => {
      assert.equal(error.code, code);
      assert.match(error.stderr, says);
      assert.equal(error.stderr.trim().split('\n').length, 1);
      return !error.stderr.includes('hunter2');
    });
  }
});
