// The commands simulate and serve: they print their address, answer requests, and exit with 0 on Ctrl-C.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { exportInto, MAIN, simulator, temporaryFolder } from '../setting.ts';

/** Starts a command and resolves to its first line; `end` interrupts it and resolves to its exit status. */
async function startCommand(
  t: TestContext,
  args: string[],
): Promise<{ line: string; end: () => Promise<number> }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const ended = new Promise<number>((done) => child.on('close', (code) => done(code ?? -1)));
  const line = await new Promise<string>((done) => child.stdout.once('data', (data) => done(String(data))));
  const end = () => {
    child.kill('SIGINT');
    return ended;
  };
  return { line, end };
}

const urlIn = (line: string): string => /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0] ?? '';

test('simulate accepts its --key and --hna-key, each for its service, and prints how to export from it', async (t) => {
  const keys = ['--key', 'k', '--hna-key', 'h'];
  const { line, end } = await startCommand(t, ['simulate', '--port', '0', ...keys, '--scale', '0.003']);
  const url = urlIn(line);
  assert.match(line, /DTMAPI_URL=http:\/\/127\.0\.0\.1:\d+ DTMAPI_SUBSCRIPTION_KEY=k dtm-exporter export/);
  const ask = (key: string, path = 'v3/displacement/country-list') =>
    fetch(`${url}/${path}`, { headers: { 'Ocp-Apim-Subscription-Key': key } });
  assert.equal((await ask('k')).headers.get('X-DTM-Synthetic'), 'true');
  assert.equal((await ask('x')).status, 401);
  assert.equal((await ask('h')).status, 401);
  assert.match(line, /HNA service, with the key h\n/);
  for (const [key, status] of Object.entries({ h: 200, k: 401, 'sample-hna-key': 401 }))
    assert.equal((await ask(key, 'HNA/v1/country-list')).status, status, key);
  assert.equal(await end(), 0);
});

test('serve sends published files, and 404 for files below runs/', async (t) => {
  const { url } = await simulator(t);
  const folder = await temporaryFolder(t);
  const { manifest } = await exportInto({ folder, url, countries: ['TCD'] });
  const { line, end } = await startCommand(t, ['serve', folder, '--port', '0']);
  assert.match(line, /^Serving .* \(private\) at http/);
  const get = (path: string) => fetch(`${urlIn(line)}/${path}`);
  assert.deepEqual(((await (await get('latest.json')).json()) as { manifest: string }).manifest, manifest);
  assert.equal((await get(manifest as string)).headers.get('cache-control'), 'private, max-age=300');
  assert.equal((await get('runs/2026-11-24T05-00-00Z/plan.json')).status, 404);
  assert.equal(await end(), 0);
});
