// Output that nobody takes, or that cannot be written, costs no release and no stack trace.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { MAIN, simulator, temporaryFolder } from '../setting.ts';

interface Shelled {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a line in bash, in which `dtm` is the command line. */
async function bash(line: string, env: Record<string, string>): Promise<Shelled> {
  const dtm = `dtm() { '${process.execPath}' '${MAIN}' "$@"; }`;
  const child = spawn('bash', ['-c', `${dtm}; ${line}`], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { stdout, stderr };
}

async function scene(t: TestContext) {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const env = { DTMAPI_URL: world.url, DTMAPI_SUBSCRIPTION_KEY: 'sample-key' };
  const line = `dtm export --to '${folder}' --countries AFG,TCD --verbose`;
  const current = async () => (await readCurrent(folderStore(folder))).pointer?.release ?? null;
  return { world, folder, env, line, current };
}

test('a pipe that is closed after one line: the export ends well, and its release is there', async (t) => {
  const { env, line, current } = await scene(t);
  const { stdout, stderr } = await bash(`${line} 2>&1 | head -n 1; echo "exit \${PIPESTATUS[0]}"`, env);
  assert.match(stdout, /\nexit 0\n$/);
  assert.equal(stderr, '');
  assert.notEqual(await current(), null);
});

test('a result that cannot be written is one line, and exit status 3 where a release was published', async (t) => {
  const { env, line, current, folder } = await scene(t);
  const { stdout, stderr } = await bash(`${line} --quiet > /dev/full; echo "exit $?"`, env);
  assert.equal(stdout, 'exit 3\n');
  const said = stderr.split('\n').filter((one) => !/^(debug|info|warn) /.test(one));
  assert.deepEqual(said, [
    'dtm-exporter: the result could not be written to stdout (ENOSPC: no space left on device, write)',
    '',
  ]);
  assert.notEqual(await current(), null);
  const status = await bash(`dtm status '${folder}' > /dev/full; echo "exit $?"`, env);
  assert.deepEqual([status.stdout, status.stderr.split('\n').length], ['exit 1\n', 2]);
  const nowhere = await bash(`${line} > /dev/full 2> /dev/full; echo "exit $?"`, env);
  assert.equal(nowhere.stdout, 'exit 3\n');
});

test('a terminal that is closed does not stop an export, and stops what only waits', async (t) => {
  const { world, folder, env, current } = await scene(t);
  world.setFaults(['latency=300']);
  const words = ['export', '--to', folder, '--countries', 'TCD', '--levels', '0', '--quiet'];
  const start = (args: readonly string[]) =>
    spawn(process.execPath, [MAIN, ...args], {
      env: { PATH: process.env.PATH ?? '', ...env },
      stdio: 'ignore',
    });
  const exporting = start(words);
  const asked = world.requests.length;
  while (world.requests.length === asked) await new Promise((done) => setTimeout(done, 20));
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
