// Output that is closed or cannot be written: the release is published all the same, and no stack trace is printed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { MAIN, simulator, temporaryFolder } from '../setting.ts';
import { waitFor } from '../wait-for.ts';

interface ShellResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a line in bash with `dtm` as a function for the command line. */
async function bash(line: string, env: Record<string, string>): Promise<ShellResult> {
  const dtm = `dtm() { '${process.execPath}' '${MAIN}' "$@"; }`;
  const child = spawn('bash', ['-c', `${dtm}; ${line}`], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { stdout, stderr };
}

async function prepareExport(t: TestContext) {
  const api = await simulator(t);
  const folder = await temporaryFolder(t);
  const env = { DTMAPI_URL: api.url, DTMAPI_SUBSCRIPTION_KEY: 'sample-key' };
  const line = `dtm export --to '${folder}' --countries AFG,TCD --verbose`;
  const current = async () => (await readCurrent(folderStore(folder))).pointer?.release ?? null;
  return { api, folder, env, line, current };
}

test('export into a pipe that closes after one line publishes and exits with 0', async (t) => {
  const { env, line, current } = await prepareExport(t);
  const { stdout, stderr } = await bash(`${line} 2>&1 | head -n 1; echo "exit \${PIPESTATUS[0]}"`, env);
  assert.match(stdout, /\nexit 0\n$/);
  assert.equal(stderr, '');
  assert.notEqual(await current(), null);
});

test('export exits with 3 and one line if its result cannot be written', async (t) => {
  const { env, line, current, folder } = await prepareExport(t);
  const { stdout, stderr } = await bash(`${line} --quiet > /dev/full; echo "exit $?"`, env);
  assert.equal(stdout, 'exit 3\n');
  const messages = stderr.split('\n').filter((line) => !/^(debug|info|warn) /.test(line));
  assert.deepEqual(messages, [
    'dtm-exporter: the result could not be written to stdout (ENOSPC: no space left on device, write)',
    '',
  ]);
  assert.notEqual(await current(), null);
  const status = await bash(`dtm status '${folder}' > /dev/full; echo "exit $?"`, env);
  assert.deepEqual([status.stdout, status.stderr.split('\n').length], ['exit 1\n', 2]);
  const nowhere = await bash(`${line} > /dev/full 2> /dev/full; echo "exit $?"`, env);
  assert.equal(nowhere.stdout, 'exit 3\n');
});

test('SIGHUP does not stop export, but stops serve', async (t) => {
  const { api, folder, env, current } = await prepareExport(t);
  api.setFaults(['latency=300']);
  const exportArgs = ['export', '--to', folder, '--countries', 'TCD', '--levels', '0', '--quiet'];
  const start = (args: readonly string[]) =>
    spawn(process.execPath, [MAIN, ...args], {
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: 'ignore',
    });
  const exporting = start(exportArgs);
  const asked = api.requests.length;
  await waitFor('a request', () => api.requests.length > asked, { interval: 20 });
  exporting.kill('SIGHUP');
  assert.deepEqual(await once(exporting, 'exit'), [0, null]);
  assert.notEqual(await current(), null);
  const serving = spawn(process.execPath, [MAIN, 'serve', folder, '--port', '0'], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(serving.stdout, 'data');
  serving.kill('SIGHUP');
  assert.deepEqual(await once(serving, 'exit'), [0, null]);
});
