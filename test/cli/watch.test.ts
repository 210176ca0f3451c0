// The command watch in processes of its own: its variables, output, exit statuses, signals, and one watcher at a time.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fenced } from '../docs/fenced.ts';
import { runShell } from '../docs/run-shell.ts';
import { examplesOfHelp } from '../docs/shown.ts';
import { COUNTRIES, publish, watchSetting } from '../read/watch/watched-dataset.ts';
import { exportInto, MAIN, runInChildProcess, simulator, temporaryFolder } from '../setting.ts';

interface Watch {
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Its exit status. */
  readonly exited: Promise<number | null>;
  /** Status and output, when no process of the command can write any more. */
  readonly ended: Promise<{ exit: number | null; stdout: string; stderr: string }>;
}

/** A dataset with one release, a scratch folder, and `watch` over it. */
async function setting(t: TestContext) {
  const { folder, store } = await watchSetting(t);
  const scratch = await temporaryFolder(t);
  await publish(store, null);
  const state = join(scratch, 'state.json');
  const start = (line: string, ...more: string[]): Watch => {
    const args = [MAIN, 'watch', folder, '--exec', line, '--state', state, ...more];
    // A process that is killed would leave a truncated report of coverage.
    const env = { ...process.env, OUT: join(scratch, 'out'), NODE_V8_COVERAGE: '' };
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    t.after(() => child.kill('SIGKILL'));
    const exited = new Promise<number | null>((done) => child.on('exit', done));
    const ended = Promise.all([exited, text(child.stdout), text(child.stderr)]).then(
      ([exit, stdout, stderr]) => ({
        ...{ exit, stdout, stderr },
      }),
    );
    return { kill: (signal) => child.kill(signal), exited, ended };
  };
  const once = (line: string, ...more: string[]) => start(line, '--once', ...more).ended;
  return { folder, store, scratch, state, out: join(scratch, 'out'), start, once };
}

/** Waits for a file, and returns its text. */
async function fileWhenThere(path: string): Promise<string> {
  // A shell creates a file before it writes into it.
  for (let tries = 0; tries < 400; tries++) {
    const text = existsSync(path) ? String(await readFile(path)) : '';
    if (text !== '') return text;
    await setTimeout(25);
  }
  throw new Error(`${path} was not written`);
}

/** A process that has ended is there until its parent has asked how it ended. */
async function hasEnded(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 400; tries++) {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    if (status === null || /\) Z /.test(status)) return true;
    await setTimeout(25);
  }
  return false;
}

test('watch --once runs the command for the current release, and then is silent until the next one', async (t) => {
  const { store, once } = await setting(t);
  const line = 'echo "$DTM_RELEASE $DTM_CHANGED_COUNTRIES"';
  const first = await once(line);
  assert.deepEqual([first.exit, first.stdout], [0, `2026-11-24.1 ${COUNTRIES.join(',')}\n`]);
  assert.equal(
    first.stderr,
    'published/2026-11-24.1: runs the command (all countries)\npublished/2026-11-24.1: the command ended well\n',
  );
  assert.deepEqual(await once(line), { exit: 0, stdout: '', stderr: '' });
  await publish(store, ['HTI']);
  assert.deepEqual(await once(line, '--quiet'), { exit: 0, stdout: '2026-11-24.2 HTI\n', stderr: '' });
  await publish(store, ['HTI', 'TCD']);
  const skipped = await once(line, '--countries', 'AFG');
  assert.deepEqual([skipped.exit, skipped.stdout], [0, '']);
  assert.match(skipped.stderr, /^published\/2026-11-24\.3: none of the countries changed; nothing is run\n$/);
});

test('the command gets the environment without the keys of the API', async (t) => {
  const { folder, state } = await setting(t);
  const env = {
    DTMAPI_SUBSCRIPTION_KEY: 'secret-1',
    DTMAPI_SUBSCRIPTION_KEY_SECONDARY: 'secret-2',
    DTMHNA_SUBSCRIPTION_KEY: 'secret-3',
    DTMAPI_URL: 'https://kept.example',
    AWS_PROFILE: 'kept',
    DTM_RELEASE: 'from outside',
  };
  const { stdout, exit } = await runInChildProcess(
    ['watch', folder, '--once', '--exec', 'env', '--state', state],
    { env },
  );
  assert.equal(exit, 0);
  assert.ok(!stdout.includes('secret'), stdout);
  assert.match(stdout, /^DTMAPI_URL=https:\/\/kept\.example$/m);
  assert.match(stdout, /^AWS_PROFILE=kept$/m);
  assert.match(stdout, /^DTM_RELEASE=2026-11-24\.1$/m);
});

test('a command that fails is named with its status or signal, and exit status 1', async (t) => {
  const { once } = await setting(t);
  for (const [line, how] of [
    ['exit 7', 'ended with status 7 (attempt 1)'],
    ['kill -9 $$', 'was ended by SIGKILL (attempt 2)'],
    ['not-a-command', 'ended with status 127 (attempt 3)'],
  ] as const) {
    const { exit, stderr } = await once(line, '--quiet');
    assert.equal(exit, 1);
    const said = stderr.trim().split('\n').at(-1);
    assert.equal(
      said,
      `dtm-exporter: published/2026-11-24.1: the command ${how}; it runs again the next time`,
    );
  }
  const { exit, stderr } = await once('exit 0');
  assert.equal(exit, 0);
  assert.match(stderr, /all countries; attempt 4\)/);
});

test('a source without a release or a connection is exit status 1, a damaged state exit status 2; nothing runs', async (t) => {
  const { state, scratch, once, out } = await setting(t);
  const dead = await simulator(t);
  await dead.close();
  for (const [source, says] of [
    [join(scratch, 'none'), /none: no release is published here$/],
    [dead.url, /latest\.json: no whole answer \(.*ECONNREFUSED/],
  ] as const) {
    const args = ['watch', source, '--once', '--exec', 'echo ran', '--state', join(scratch, 'other.json')];
    const { exit, stdout, stderr } = await runInChildProcess(args);
    assert.deepEqual([exit, stdout], [1, ''], stderr);
    assert.match(stderr.trim(), says);
    assert.equal(stderr.trim().split('\n').length, 1);
  }
  const taken = join(scratch, 'taken.json');
  await writeFile(
    `${taken}.lock`,
    'no lock file, but one of somebody else, long enough for SQLite to see that. '.repeat(9),
  );
  const args = ['watch', scratch, '--once', '--exec', 'echo ran', '--state', taken];
  const refused = await runInChildProcess(args);
  assert.equal(refused.exit, 2);
  assert.match(
    refused.stderr,
    /^dtm-exporter: --state: .*taken\.json\.lock: is not a lock file; move it away/,
  );
  await writeFile(state, '{"version": 1');
  const { exit, stderr } = await once('echo ran > "$OUT"');
  assert.equal(exit, 2);
  assert.match(stderr, /^dtm-exporter: .*state\.json is damaged: .*restore the file, or remove it.*\n$/);
  assert.ok(!existsSync(out));
});

test('SIGTERM and Ctrl-C reach the command with its children; watch waits, exits with 0, and repeats it later', async (t) => {
  for (const [signal, attempt] of [
    ['SIGTERM', '1'],
    ['SIGINT', '2'],
  ] as const) {
    const { start, once, out, state } = await setting(t);
    if (attempt === '2') assert.equal((await once('exit 1')).exit, 1);
    const line = `trap 'sleep 0.3; echo stopped > "$OUT.end"; exit 9' TERM; sleep 60 & echo $! > "$OUT"; wait`;
    const watching = start(line, '--every', '10s');
    const sleeper = Number(await fileWhenThere(out));
    await setTimeout(100);
    watching.kill(signal);
    const { exit, stderr } = await watching.ended;
    assert.equal(exit, 0, stderr);
    assert.equal(String(await readFile(`${out}.end`)), 'stopped\n', 'it waited');
    assert.ok(await hasEnded(sleeper), 'a child of the command ends, too');
    assert.match(stderr, new RegExp(`the command ended with status 9 \\(attempt ${attempt}\\)`));
    const { pending } = JSON.parse(String(await readFile(state)));
    assert.deepEqual([pending.failure, pending.process], ['ended with status 9', null]);
    assert.match((await once('true')).stderr, new RegExp(`attempt ${Number(attempt) + 1}\\)`));
  }
});

test('a stopped command that still ends well is done', async (t) => {
  const { start, once, out } = await setting(t);
  const watching = start(`trap 'exit 0' TERM; echo begun > "$OUT"; sleep 60 & wait`);
  await fileWhenThere(out);
  await setTimeout(100);
  watching.kill('SIGTERM');
  assert.equal((await watching.ended).exit, 0);
  assert.deepEqual(await once('echo again'), { exit: 0, stdout: '', stderr: '' });
});

test('with --once a stopped command has the status of its turn', async (t) => {
  const { start, out } = await setting(t);
  const watching = start(`echo begun > "$OUT"; exec sleep 60`, '--once');
  await fileWhenThere(out);
  watching.kill('SIGTERM');
  const { exit, stderr } = await watching.ended;
  assert.equal(exit, 1, stderr);
  assert.match(stderr, /the command was ended by SIGTERM \(attempt 1\)/);
});

test('a second watcher with the same state says so and runs nothing: exit status 0 with --once, else 1', async (t) => {
  const { start, once, out, state } = await setting(t);
  const watching = start('echo begun > "$OUT"; sleep 60');
  await fileWhenThere(out);
  const said = `dtm-exporter: another watcher uses ${state}; nothing is asked or run here\n`;
  assert.deepEqual(await once('echo ran'), { exit: 0, stdout: '', stderr: said });
  assert.deepEqual(await once('echo ran', '--quiet'), { exit: 0, stdout: '', stderr: '' });
  assert.deepEqual(await start('echo ran').ended, { exit: 1, stdout: '', stderr: said });
  watching.kill('SIGTERM');
  assert.equal((await watching.ended).exit, 0);
});

test('while the command of a killed watcher still runs, the next watcher does not start it again', async (t) => {
  const { start, once, out } = await setting(t);
  const watching = start('echo $$ > "$OUT"; while [ -e "$OUT" ] && [ ! -e "$OUT.go" ]; do sleep 0.05; done');
  const pid = Number(await fileWhenThere(out));
  watching.kill('SIGKILL');
  await watching.exited;
  const waits = await once('echo again');
  assert.deepEqual([waits.exit, waits.stdout], [0, '']);
  assert.equal(
    waits.stderr,
    `dtm-exporter: the command that an earlier watcher started is still running (process ${pid})\n`,
  );
  await writeFile(`${out}.go`, '');
  assert.ok(await hasEnded(pid));
  assert.equal((await once('echo "again $DTM_ATTEMPT"')).stdout, 'again 2\n');
});

test('without --state each command has a state of its own in the folder for state', async (t) => {
  const { folder } = await setting(t);
  const home = await temporaryFolder(t);
  const run = (line: string, ...more: string[]) =>
    runInChildProcess(['watch', folder, '--once', '--quiet', '--exec', line, ...more], {
      env: { XDG_STATE_HOME: join(home, 'state'), HOME: home },
    });
  for (const line of ['echo a', 'echo b']) {
    assert.equal((await run(line)).stdout, `${line.slice(5)}\n`);
    assert.equal((await run(line)).stdout, '');
    assert.equal((await run(line, '--countries', 'HTI')).stdout, `${line.slice(5)}\n`);
  }
  const names = await readdir(join(home, 'state/dtm-exporter'));
  assert.equal(names.filter((name) => /^watch-[0-9a-f]{16}\.json$/.test(name)).length, 4, names.join());
});

test('the example of --help and docs/cli.md keeps a copy', async (t) => {
  const [cwd, world] = [await temporaryFolder(t), await simulator(t)];
  const folder = join(cwd, 'data');
  await exportInto({ folder, url: world.url, countries: ['TCD'] });
  const line = examplesOfHelp().find((example) => example.line.startsWith('dtm-exporter watch '))?.line ?? '';
  assert.equal((await fenced('docs/cli.md', 'sh')).trim(), line);
  const here = line.replace('https://example.org/dtm', folder).replace('--every 1h', '--once');
  assert.ok(here.includes('--once') && here.includes(folder));
  const { exit, stderr } = await runShell(t, here, { cwd });
  assert.equal(exit, 0, stderr);
  assert.equal((await runInChildProcess(['verify', join(cwd, 'dtm')])).exit, 0);
});

test('watch keeps a copy of real releases with download, through a change and a withdrawal', async (t) => {
  const world = await simulator(t);
  const [parent, home] = [await temporaryFolder(t), await temporaryFolder(t)];
  const folder = join(parent, 'data');
  const copy = join(parent, 'copy');
  const run = (...args: string[]) => runInChildProcess(args, { env: { HOME: home } });
  const line = `'${process.execPath}' '${MAIN}' download "$DTM_SOURCE" --to '${copy}' --quiet && echo "$DTM_EVENT $DTM_CHANGED_COUNTRIES"`;
  const watch = () => run('watch', folder, '--once', '--quiet', '--exec', line);
  const releaseOf = async (where: string): Promise<string> =>
    JSON.parse(String(await readFile(join(where, 'latest.json')))).release;

  await exportInto({ folder, url: world.url, countries: ['HTI', 'TCD'] });
  assert.match((await watch()).stdout, /published HTI,TCD\n$/);
  world.setFaults(['changed@TCD']);
  const second = { folder, url: world.url, countries: ['HTI', 'TCD'], run: '2026-11-25T05-00-00Z' };
  const { release } = await exportInto(second);
  assert.match((await watch()).stdout, /published TCD\n$/);
  assert.equal(await releaseOf(copy), release);
  assert.equal((await run('verify', copy)).exit, 0);
  assert.equal((await run('withdraw', folder, release as string, '--reason', 'wrong')).exit, 0);
  const { exit, stdout, stderr } = await watch();
  assert.equal(exit, 0, stderr);
  assert.match(stdout, /withdrawn TCD\n$/);
  assert.equal(await releaseOf(copy), await releaseOf(folder));
});
