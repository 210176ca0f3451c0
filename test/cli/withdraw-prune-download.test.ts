// The commands withdraw, prune and download, on a dataset of two releases.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { serveDataset } from '../../lib/read/serve.ts';
import { sha256 } from '../../lib/release/digest.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { assertSame } from '../assert-same.ts';
import { MAIN, readFilesBelow, runInThisProcess, temporaryFolder } from '../setting.ts';
import { publishDataset } from '../stores.ts';

/** Creates a folder with a dataset of two releases in `data`. */
async function createDataset(t: TestContext): Promise<{ cwd: string; first: string; second: string }> {
  const { folder, releases } = await publishDataset(t, 2);
  const cwd = await temporaryFolder(t);
  await cp(folder, join(cwd, 'data'), { recursive: true });
  return { cwd, first: releases[0] as string, second: releases[1] as string };
}

const WITHDRAW = ['--reason', 'counted twice'];

test('withdraw, prune and download name a bad input in one line and change nothing', async (t) => {
  const { cwd, first, second } = await createDataset(t);
  await writeFile(join(cwd, 'file.txt'), '');
  const cases: [string[], RegExp][] = [
    [['withdraw', ...WITHDRAW], /missing required argument 'DEST'/],
    [['withdraw', 'data', ...WITHDRAW], /missing required argument 'RELEASE'/],
    [['withdraw', 'data', second], /required option '--reason <TEXT>' not specified/],
    [
      ['withdraw', 'data', second, '--reason', ' '],
      /--reason.*Expected a text of 1 to 1000 characters, got nothing\.$/,
    ],
    [
      ['withdraw', 'data', second, '--reason', 'x'.repeat(1001)],
      /Expected a text of 1 to 1000 characters, got 1001/,
    ],
    [
      ['withdraw', 'data', '../x', ...WITHDRAW],
      /RELEASE.*Expected a release id like 2026-11-24\.1, got \.\.\/x\.$/,
    ],
    [
      ['withdraw', 'data', '2020-01-01.1', ...WITHDRAW],
      /data: no release 2020-01-01\.1 was ever published here$/,
    ],
    [['withdraw', 'nothing', second, ...WITHDRAW], /nothing: no release .* was ever published here$/],
    [
      ['withdraw', 'https://example.org', second, ...WITHDRAW],
      /a web address is read only; give the folder or bucket behind it$/,
    ],
    [['withdraw', 's3://Bucket', second, ...WITHDRAW], /"Bucket" is no bucket's name/],
    [
      ['withdraw', 'data', second, ...WITHDRAW, '--because', 'x'],
      /unknown option '--because'; allowed are --stack, --reason, --json, --help$/,
    ],
    [['prune'], /missing required argument 'DEST'/],
    [['prune', 'nothing'], /nothing: nothing is published here$/],
    [['prune', 'https://example.org'], /a web address is read only; give the folder or bucket behind it$/],
    [['prune', 'data', '--keep-newest', '0'], /--keep-newest.*whole number of at least 1, got 0\.$/],
    [
      ['prune', 'data', '--keep-monthly', 'some'],
      /--keep-monthly.*Expected all or a whole number of months, got some\.$/,
    ],
    [['prune', 'data', '--keep-runs', '-1'], /--keep-runs.*from 0 to 36500, got -1\.$/],
    [['prune', 'data', '--notice', '1.5'], /--notice.*from 0 to 36500, got 1\.5\.$/],
    [
      ['prune', 'data', '--yes'],
      /unknown option '--yes'; allowed are --stack, --keep-newest,.*--apply, --json, --help$/,
    ],
    [['download', '--to', 'copy'], /missing required argument 'SOURCE'/],
    [['download', 'data'], /required option '--to <DIR>' not specified/],
    [['download', 'nothing', '--to', 'copy'], /nothing: no release is published here$/],
    [['download', 'http://example.org', '--to', 'copy'], /use an https:\/\/ address/],
    [
      ['download', 'data', '--to', 'https://example.org'],
      /--to https:\/\/example\.org: a web address is read only/,
    ],
    [['download', 'data', '--to', 'file.txt'], /--to file\.txt: .* is a file; give a folder$/],
    [
      ['download', 'data', '--to', 'data'],
      /data: is published into by export; download into another folder$/,
    ],
    [
      ['download', 'data', '--to', 'copy', '--release', 'latest'],
      /--release.*Expected a release id like .*got latest\.$/,
    ],
    [
      ['download', 'data', '--to', 'copy', '--release', '2020-01-01.1'],
      /data: there is no release 2020-01-01\.1$/,
    ],
    [
      ['download', 'data', '--to', 'copy', '--tables', 'admin3'],
      /--tables.*Expected tables of admin0,.*got admin3\.$/,
    ],
    [
      ['download', 'data', '--to', 'copy', '--formats', 'parquet,exe'],
      /--formats.*Expected formats of parquet, csv, xlsx.*got exe\.$/,
    ],
    [
      ['download', 'data', '--to', 'copy', '--countries', 'TCD,TCD'],
      /--countries.*each once, got TCD twice\.$/,
    ],
    [['download', 'data', '--to', 'copy', '--countries', 'HTI'], /has no file of country HTI in the part/],
    [['download', 'data', '--to', 'copy', '--concurrency', '0'], /--concurrency.*from 1 to 64, got 0\.$/],
  ];
  const before = await readFilesBelow(cwd);
  for (const [args, line] of cases) {
    const ran = await runInThisProcess(args, { cwd });
    assert.equal(ran.exit, 2, `${args.join(' ')}: ${ran.stderr}`);
    assert.equal(ran.stdout, '');
    assert.equal(ran.stderr.trimEnd().split('\n').length, 1, ran.stderr);
    assert.match(ran.stderr.trimEnd(), line);
  }
  assertSame(await readFilesBelow(cwd), before);
  assert.deepEqual((await readdir(cwd)).sort(), ['data', 'file.txt']);
  assert.ok(first);
});

test('withdraw reports its result, and a second call that it was done already', async (t) => {
  const { cwd, first, second } = await createDataset(t);
  const env = { DTM_PUBLIC_URL: 'https://example.org/dtm' };
  const done = await runInThisProcess(['withdraw', 'data', second, ...WITHDRAW], { cwd, env });
  assert.deepEqual([done.exit, done.stderr], [0, '']);
  assert.match(
    done.stdout,
    /^Withdrew release .* from data: counted twice\n {2}files {6}\d+ files deleted\n/,
  );
  assert.ok(done.stdout.includes(`current    ${first}\n`));
  assert.match(
    await readFile(join(cwd, 'data/feed.xml'), 'utf8'),
    /href="https:\/\/example\.org\/dtm\/releases\//,
  );
  assert.equal((await runInThisProcess(['verify', 'data'], { cwd })).exit, 0);
  const again = await runInThisProcess(['withdraw', 'data', second, '--reason', 'another'], { cwd });
  assert.deepEqual([again.exit, again.stderr], [0, '']);
  assert.match(
    again.stdout,
    /was withdrawn already, on 2\d{3}-.*: counted twice\n {2}files {6}nothing was left to delete\n/,
  );
  const last = await runInThisProcess(['withdraw', 'data', first, ...WITHDRAW, '--json'], { cwd });
  const result = JSON.parse(last.stdout);
  assert.deepEqual(
    [result.release, result.reason, result.already, result.current],
    [first, 'counted twice', false, null],
  );
  assert.ok(result.removed > 10);
  const status = await runInThisProcess(['status', 'data'], { cwd });
  assert.match(status.stderr, /data: no release is published here/);
});

test('prune without --apply only prints what it would remove', async (t) => {
  const { cwd, first } = await createDataset(t);
  const rule = ['prune', 'data', '--keep-newest', '1', '--keep-monthly', '0'];
  const before = await readFilesBelow(cwd);
  const dry = await runInThisProcess(rule, { cwd });
  assert.deepEqual([dry.exit, dry.stderr], [0, '']);
  assert.match(
    dry.stdout,
    /^Would be removed from data with --apply: 1 release, 0 unpublished releases, 0 runs, [\d,]+ bytes\n {2}release {5}2\S+ {2}\d+ files, [\d,]+ bytes\n$/,
  );
  assertSame(await readFilesBelow(cwd), before);
  const announced = await runInThisProcess([...rule, '--notice', '30', '--apply'], { cwd });
  assert.match(announced.stdout, /^Removed from data: 0 releases.*\n {2}later .* kept until 2\d{3}-.*Z\n$/);
  const kept = await runInThisProcess(['prune', 'data', '--apply'], { cwd });
  assert.ok(kept.stdout.includes(`\n  stays after all  ${first}\n`), kept.stdout);
  const done = await runInThisProcess([...rule, '--apply', '--json'], { cwd });
  const { applied, releases } = JSON.parse(done.stdout);
  assert.equal(applied, true);
  assert.deepEqual(
    releases.map(({ name }: { name: string }) => name),
    [first],
  );
  assert.deepEqual((await readdir(join(cwd, 'data/releases', first))).sort(), [
    'claim.json',
    'manifest.json',
  ]);
  assert.equal((await runInThisProcess(['verify', 'data'], { cwd })).exit, 0);
});

test('download fetches over HTTP, and a second call fetches nothing', async (t) => {
  const { cwd, second } = await createDataset(t);
  const server = await serveDataset(folderStore(join(cwd, 'data')), { port: 0 });
  t.after(() => server.close());
  const first = await runInThisProcess(['download', server.url, '--to', 'copy'], { cwd });
  assert.equal(first.exit, 0, first.stderr);
  assert.match(
    first.stdout,
    /^Release \S+ is in copy\/releases\/\S+: (\d+) files, [\d,]+ bytes, \1 of them fetched now\n/,
  );
  assert.match(first.stderr, /^\[1\/\d+\] \S+ fetched\n/);
  assert.equal((await runInThisProcess(['verify', 'copy'], { cwd })).exit, 0);
  assert.match(
    (await runInThisProcess(['status', 'copy'], { cwd })).stdout,
    new RegExp(`release {6}${second}`),
  );
  const again = await runInThisProcess(['download', server.url, '--to', 'copy', '--quiet', '--json'], {
    cwd,
  });
  assert.equal(again.stderr, '');
  const { release, whole, fetched, problems } = JSON.parse(again.stdout);
  assert.deepEqual([release, whole, fetched, problems], [second, true, 0, []]);
  const args = ['--to', 'part', '--formats', 'csv', '--tables', 'admin0', '--quiet'];
  const part = await runInThisProcess(['download', server.url, ...args], { cwd });
  assert.match(part.stdout, /^Part of release /);
  const root = join(cwd, 'part/releases', second);
  const sums = await readFile(join(root, 'SHA256SUMS'), 'utf8');
  const hash = sha256(await readFile(join(root, 'csv/admin0.csv.gz')));
  assert.ok(sums.includes(`${hash}  csv/admin0.csv.gz\n`));
});

test('download says how many files it took from earlier downloads', async (t) => {
  const { cwd, first } = await createDataset(t);
  const download = (to: string, ...args: string[]) =>
    runInThisProcess(['download', 'data', '--to', to, ...args], { cwd });
  await download('copy', '--release', first, '--quiet');
  await cp(join(cwd, 'copy'), join(cwd, 'other'), { recursive: true });
  const json = JSON.parse((await download('other', '--json', '--quiet')).stdout);
  assert.deepEqual(Object.keys(json), [
    'release',
    'whole',
    'files',
    'bytes',
    'fetched',
    'reused',
    'problems',
  ]);
  assert.ok(json.reused > 5 && json.fetched > 5 && json.fetched + json.reused === json.files);
  const { stdout, stderr } = await download('copy');
  assert.ok(
    stdout.includes(
      ` bytes, ${json.fetched} of them fetched now, ${json.reused} taken from earlier downloads\n`,
    ),
  );
  assert.match(stderr, /^\[\d+\/\d+\] LICENSE\.txt taken from an earlier download$/m);
  assert.match(stderr, /^\[\d+\/\d+\] SHA256SUMS fetched$/m);
});

test('download names a changed file, exits with 1, and stores no manifest', async (t) => {
  const { cwd, second } = await createDataset(t);
  const path = join(cwd, 'data/releases', second, 'csv/admin0.csv.gz');
  const body = await readFile(path);
  body[body.length - 1] = (body.at(-1) as number) ^ 1;
  await writeFile(path, body);
  const ran = await runInThisProcess(['download', 'data', '--to', 'copy', '--quiet'], { cwd });
  assert.deepEqual([ran.exit, ran.stdout], [1, '']);
  assert.match(ran.stderr, /^dtm-exporter: csv\/admin0\.csv\.gz: expected SHA-256 \w+, found \w+\n$/);
  const stored = (await readdir(join(cwd, 'copy/releases', second), { recursive: true })).sort();
  assert.ok(stored.includes('schema.json'));
  assert.ok(!stored.some((name) => name === 'manifest.json' || name === 'csv/admin0.csv.gz'));
  await rm(path);
  assert.match(
    (await runInThisProcess(['download', 'data', '--to', 'copy', '--quiet'], { cwd })).stderr,
    /missing at data\n$/,
  );
});

test('download exits with 1 if the source is unreachable or the disk is full', async (t) => {
  const { cwd } = await createDataset(t);
  const server = await serveDataset(folderStore(join(cwd, 'data')), { port: 0 });
  await server.close();
  const unreachable = await runInThisProcess(['download', server.url, '--to', 'copy'], { cwd });
  assert.equal(unreachable.exit, 1);
  assert.match(
    unreachable.stderr,
    /^dtm-exporter: http:\/\/127\.0\.0\.1:\d+\/latest\.json: no whole answer \(.*\n$/,
  );
  const command = [process.execPath, MAIN, 'download', 'data', '--to', 'copy', '--quiet'];
  const child = spawn('sh', ['-c', 'ulimit -f 1; exec "$0" "$@"', ...command], {
    cwd,
    env: { PATH: process.env.PATH ?? '', NODE_V8_COVERAGE: '' },
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  assert.equal(await new Promise((done) => child.on('close', done)), 1, stderr);
  assert.match(stderr, /^dtm-exporter: .*larger than the system allows here.*\n$/);
  const remaining = [...(await readFilesBelow(join(cwd, 'copy'))).keys()];
  assert.deepEqual(
    remaining.filter((path) => /manifest\.json|latest\.json|\.tmp/.test(path)),
    [],
  );
});

test('withdraw, prune and download have --help with an example', async () => {
  for (const command of ['withdraw', 'prune', 'download']) {
    const { exit, stdout } = await runInThisProcess([command, '--help']);
    assert.equal(exit, 0);
    assert.match(stdout, new RegExp(`Example:\\n {2}\\$ dtm-exporter ${command} `));
  }
});
