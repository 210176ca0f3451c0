import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertSame } from '../assert-same.ts';
import { changeLease } from '../lease.ts';
import {
  MAIN,
  readFilesBelow,
  runInChildProcess,
  runInThisProcess,
  simulator,
  temporaryFolder,
} from '../setting.ts';

const KEY = 'sample-key';
const SELECTION = ['--countries', 'AFG,TCD', '--retry-delay', '0', '--max-retries', '1'];
const RUN = '2026-11-24T05-00-00Z';

test('export --sample publishes a release, and a second run reports it unchanged', async (t) => {
  const cwd = await temporaryFolder(t);
  const first = await runInChildProcess(['export', '--sample'], { cwd });
  assert.equal(first.exit, 0, first.stderr);
  assert.match(
    first.stdout,
    /^Published release \d{4}-\d\d-\d\d\.1 into \.\/dtm-sample\n {2}rows {7}admin0 1,4/,
  );
  assert.match(first.stderr, /^asking for 159 units\n\[1\/159\] admin/);
  const second = await runInThisProcess(['export', '--sample', '--quiet'], { cwd });
  assert.equal(second.exit, 0);
  assert.match(second.stdout, /^Unchanged: release .*no new release/);
  assert.equal(second.stderr, '');
  const verified = await runInThisProcess(['verify', 'dtm-sample'], { cwd });
  assert.deepEqual([verified.exit, verified.stderr], [0, '']);
  assert.match(verified.stdout, /^Release .*\.1 is whole: 371 files, /);
  const status = await runInThisProcess(['status', 'dtm-sample'], { cwd });
  assert.match(status.stdout, /dtm-idp, private, synthetic: invented figures/);
  assert.match(status.stdout, /last check .*unchanged\nlast failure none/);
});

test('export --json prints one JSON object and nothing else', async (t) => {
  const cwd = await temporaryFolder(t);
  const { url } = await simulator(t);
  const env = { DTMAPI_SUBSCRIPTION_KEY: KEY, DTMAPI_URL: url };
  const command = await runInThisProcess(['export', ...SELECTION, '--json', '--quiet'], { cwd, env });
  assert.equal(command.exit, 0, command.stderr);
  assert.equal(command.stderr, '');
  const result = JSON.parse(command.stdout);
  assert.deepEqual(Object.keys(result), [
    'outcome',
    'release',
    'manifest',
    'rows',
    'units',
    'changes',
    'seconds',
    'reason',
  ]);
  assert.deepEqual(result.units, { ok: 6, empty: 0, failed: 0, carried: 0, kept: 0, absent: 153 });
  assert.deepEqual([result.outcome, result.changes, result.reason], ['published', null, null]);
  assert.ok(result.seconds > 0);
  const manifest = JSON.parse(await readFile(join(cwd, 'dtm-open-data', result.manifest), 'utf8'));
  assert.equal(manifest.release, result.release);
});

test('a refused export exits with 1, one line, and the reason in its JSON', async (t) => {
  const cwd = await temporaryFolder(t);
  const { url } = await simulator(t, { faults: ['dead@AFG'] });
  const env = { DTMAPI_SUBSCRIPTION_KEY: KEY, DTMAPI_URL: url };
  const args = ['export', ...SELECTION, '--run', RUN, '--quiet'];
  const plain = await runInThisProcess(args, { cwd, env });
  assert.deepEqual([plain.exit, plain.stdout], [1, '']);
  assert.match(
    plain.stderr,
    /^dtm-exporter: refused: 3 of 6 units failed, .*--run 2026-11-24T05-00-00Z.*\n$/,
  );
  const json = await runInThisProcess([...args, '--json'], { cwd, env });
  const result = JSON.parse(json.stdout);
  assert.deepEqual([result.outcome, result.release, result.units.failed], ['refused', null, 3]);
  assert.ok(plain.stderr.includes(result.reason));
});

test('an export with carried units exits with 3, and status lists these units', async (t) => {
  const cwd = await temporaryFolder(t);
  const api = await simulator(t);
  const env = { DTMAPI_SUBSCRIPTION_KEY: KEY, DTMAPI_URL: api.url };
  await runInThisProcess(['export', ...SELECTION, '--quiet'], { cwd, env });
  api.setFaults(['dead@AFG', 'changed@TCD']);
  const args = ['export', ...SELECTION, '--quiet', '--max-failed', '50'];
  const gapped = await runInThisProcess(args, { cwd, env });
  assert.equal(gapped.exit, 3, gapped.stderr);
  assert.match(
    gapped.stdout,
    /units {6}3 with rows, 3 without an answer: carried from an earlier release, 153 never/,
  );
  const status = await runInThisProcess(['status', 'dtm-open-data'], { cwd });
  assert.match(
    status.stdout,
    /gaps {9}admin0\/AFG carried, last answered \S+, 0 days ago; admin1\/AFG carried, .*; admin2\/AFG carried, /,
  );
  api.setFaults(['dead@AFG', 'changed@TCD']);
  assert.equal((await runInThisProcess([...args, '--json'], { cwd, env })).exit, 3);
});

test('the subscription key is in no file and no output line', async (t) => {
  const cwd = await temporaryFolder(t);
  const key = 'k3y-that-must-not-travel';
  const { url } = await simulator(t, { key, faults: ['echo-key@admin2/TCD'] });
  const env = { DTMAPI_SUBSCRIPTION_KEY: key, DTMAPI_URL: url };
  const command = await runInThisProcess(['export', ...SELECTION, '--verbose', '--run', RUN], { cwd, env });
  assert.match(command.stderr, /debug|info/);
  assert.ok(!(command.stdout + command.stderr).includes(key));
  for (const [path, body] of await readFilesBelow(cwd)) assert.ok(!body.includes(key), path);
});

test('export of synthetic data into a real dataset exits with 2 and changes nothing', async (t) => {
  const cwd = await temporaryFolder(t);
  const api = await simulator(t);
  // Recorded answers have no header that marks them as synthetic, so these count as real data.
  const headers = { 'Ocp-Apim-Subscription-Key': KEY };
  const lists = ['country-list', 'operation-list'];
  const units = ['admin0', 'admin1', 'admin2'].map((level) => `${level}?Admin0Pcode=TCD`);
  for (const path of [...lists, ...units]) {
    const answer = await fetch(`${api.url}/v3/displacement/${path}`, { headers });
    await writeFile(
      join(cwd, `${path.replace('?Admin0Pcode=', '-')}.json`),
      Buffer.from(await answer.arrayBuffer()),
    );
  }
  const { url } = await simulator(t, { answers: cwd });
  const env = { DTMAPI_SUBSCRIPTION_KEY: KEY, DTMAPI_URL: url };
  const real = await runInThisProcess(['export', '--countries', 'TCD', '--quiet'], { cwd, env });
  assert.equal(real.exit, 0, real.stderr);
  // Only the lease of runs may be another.
  const files = async () => {
    const found = await readFilesBelow(join(cwd, 'dtm-open-data'));
    found.delete(join(cwd, 'dtm-open-data/runs/lease.json'));
    return found;
  };
  const before = await files();
  const invented = await runInThisProcess(['export', '--sample', '--to', 'dtm-open-data'], { cwd });
  assert.equal(invented.exit, 2);
  assert.match(invented.stderr, /the prefix holds synthetic false, this run would bring synthetic true/);
  const simulated = { ...env, DTMAPI_URL: api.url };
  const served = await runInThisProcess(['export', '--countries', 'TCD'], { cwd, env: simulated });
  assert.equal(served.exit, 2);
  assert.match(served.stderr, /this run would bring synthetic true/);
  assert.deepEqual(await files(), before);
});

test('export while another run is under way exits with 0, and says so in one line and as JSON', async (t) => {
  const cwd = await temporaryFolder(t);
  const { url, requests } = await simulator(t);
  const env = { DTMAPI_SUBSCRIPTION_KEY: KEY, DTMAPI_URL: url };
  const args = ['export', '--countries', 'TCD', '--levels', '0', '--quiet'];
  const first = await runInThisProcess([...args, '--run', '2026-11-24T05-00-00Z'], { cwd, env });
  assert.equal(first.exit, 0, first.stderr);
  await changeLease(join(cwd, 'dtm-open-data'), { released_at: null, host: 'elsewhere' });
  const asked = requests.length;
  const { exit, stdout, stderr } = await runInThisProcess([...args, '--json'], { cwd, env });
  const { outcome, reason, units, release } = JSON.parse(stdout);
  assert.deepEqual([exit, outcome, units, release], [0, 'skipped', null, null]);
  assert.match(
    reason,
    /^run 2026-11-24T05-00-00Z \(process \d+ on elsewhere\) has been under way since \S+, with its last progress at \S+, so nothing was asked or written: wait until it ends, or stop it; without progress it counts as ended at \S+$/,
  );
  assert.equal(stderr, `dtm-exporter: skipped: ${reason}\n`);
  assert.equal(requests.length, asked);
});

test('export of v2 into a v3 dataset exits with 2, on a damaged pointer with 1', async (t) => {
  const cwd = await temporaryFolder(t);
  const { url } = await simulator(t);
  const env = { DTMAPI_SUBSCRIPTION_KEY: KEY, DTMAPI_URL: url };
  await runInThisProcess(['export', ...SELECTION], { cwd, env });
  const before = await readFilesBelow(join(cwd, 'dtm-open-data'));
  const other = await runInThisProcess(['export', ...SELECTION, '--api-version', 'v2'], { cwd, env });
  assert.equal(other.exit, 2);
  assert.match(other.stderr, /the prefix holds dataset dtm-idp, this run would bring dataset dtm-idp-v2/);
  const latest = join(cwd, 'dtm-open-data/latest.json');
  await writeFile(latest, 'damaged');
  const damaged = await runInThisProcess(['export', ...SELECTION], { cwd, env });
  assert.equal(damaged.exit, 1);
  assert.match(damaged.stderr, /latest\.json is damaged/);
  await writeFile(latest, before.get(latest) as Buffer);
  assertSame(await readFilesBelow(join(cwd, 'dtm-open-data')), before);
});

test('export on a full disk prints one line and publishes nothing', async (t) => {
  const cwd = await temporaryFolder(t);
  const { url } = await simulator(t);
  const env = {
    PATH: process.env.PATH ?? '',
    DTMAPI_SUBSCRIPTION_KEY: KEY,
    DTMAPI_URL: url,
    NODE_V8_COVERAGE: '',
  };
  const limited = [
    '-c',
    'ulimit -f 16; exec "$0" "$@"',
    process.execPath,
    MAIN,
    'export',
    ...SELECTION,
    '--quiet',
  ];
  const child = spawn('sh', limited, { cwd, env });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const code = await new Promise((done) => child.on('close', done));
  assert.equal(code, 1, stderr);
  assert.match(stderr, /^dtm-exporter: .*\n$/);
  assert.match(stderr, /larger than the system allows here; choose another disk or raise the limit/);
  assert.deepEqual(
    [...(await readFilesBelow(cwd)).keys()].filter((path) => /latest\.json|\.tmp/.test(path)),
    [],
  );
});

test('Ctrl-C keeps the staged units and prints how to resume', async (t) => {
  const cwd = await temporaryFolder(t);
  const { url } = await simulator(t, { faults: ['latency=60'] });
  const env = { PATH: process.env.PATH ?? '', DTMAPI_SUBSCRIPTION_KEY: KEY, DTMAPI_URL: url };
  const child = spawn(process.execPath, [MAIN, 'export', '--concurrency', '1', '--run', RUN], { cwd, env });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
    if (/\[3\/159\]/.test(stderr) && !child.killed) child.kill('SIGINT');
  });
  const [code] = await new Promise<[number]>((done) => child.on('close', (exit) => done([exit ?? -1])));
  assert.equal(code, 1, stderr);
  assert.match(stderr, /dtm-exporter: stopped; what was fetched is kept, .* --run 2026-11-24T05-00-00Z\n$/);
  const staged = await readFilesBelow(join(cwd, 'dtm-open-data/runs', RUN, 'units'));
  assert.ok(staged.size >= 3);
});
