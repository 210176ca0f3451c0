// The commands of docs/schedule.md, run as they are written, with the simulator in place of the API and a folder in place
// of a bucket. `npm run test:interop` has the checks of the files themselves.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { COUNTRIES } from '../../lib/simulator/world/countries.ts';
import { MAIN, ROOT, runInChildProcess, simulator, temporaryFolder } from '../setting.ts';
import { fenced } from './fenced.ts';
import { pathWithCommand, runShell } from './run-shell.ts';

const { load } = createRequire(import.meta.url)('js-yaml') as { load: (text: string) => unknown };

const PAGE = 'docs/schedule.md';
const readPage = (): Promise<string> => readFile(join(ROOT, PAGE), 'utf8');

/** The page's file of variables, with the simulator's key and address. */
async function variables(url: string): Promise<string> {
  const page = await readPage();
  const [, block = ''] = /^```\n(DTMAPI_SUBSCRIPTION_KEY=\.\.\.\n[\s\S]*?)^```$/m.exec(page) ?? [];
  assert.ok(block.includes('DTM_CONTACT='));
  return `${block.replace('KEY=...', 'KEY=sample-key')}DTMAPI_URL=${url}\n`;
}

/** The recipes export all countries, so this world has only Chad and its neighbours in the list: three units are 8 %. */
const GONE = COUNTRIES.map(({ iso3 }) => iso3).filter(
  (_, index, all) => Math.abs(index - all.indexOf('TCD')) > 6,
);

/** A folder of a user whose `dtm.env` has the key. */
async function home(t: TestContext, faults: readonly string[] = []) {
  const [cwd, world] = [
    await temporaryFolder(t),
    await simulator(t, { faults: [...GONE.map((iso3) => `gone@${iso3}`), ...faults] }),
  ];
  await writeFile(join(cwd, 'dtm.env'), await variables(world.url));
  return { cwd, url: world.url };
}

const releaseOf = async (folder: string): Promise<string> =>
  JSON.parse(String(await readFile(join(folder, 'latest.json')))).release;

/** The lines of the crontab: five fields of time, and a command. */
async function cronLines(): Promise<string[]> {
  const lines = (await fenced(PAGE, 'crontab')).split('\n').filter((line) => /^[\d*]/.test(line));
  return lines.map((line) => {
    const [, command = ''] = /^(?:[\d*/,-]+ +){5}(\S.*)$/.exec(line) ?? assert.fail(line);
    assert.ok(!command.includes('%'), 'cron ends a command at %');
    return command;
  });
}

test('the lines of cron export and copy, print nothing if all is well, and report a failure', async (t) => {
  const { cwd } = await home(t);
  const [exporting = '', watching = '', ...more] = await cronLines();
  assert.deepEqual(more, []);
  const silent = { exit: 0, stdout: '', stderr: '' };
  for (let times = 0; times < 2; times++)
    for (const line of [exporting, watching])
      assert.deepEqual(await runShell(t, line, { cwd }), silent, line);
  assert.equal(await releaseOf(join(cwd, 'dtm-copy')), await releaseOf(join(cwd, 'dtm')));
  const log = String(await readFile(join(cwd, 'dtm.log')));
  assert.equal(log.match(/^Published release/gm)?.length, 1);
  assert.equal(log.match(/^Unchanged: /gm)?.length, 1);
  const manifest = join(cwd, 'dtm/releases', await releaseOf(join(cwd, 'dtm')), 'manifest.json');
  assert.equal(JSON.parse(String(await readFile(manifest))).contact, 'The data desk, data@example.org');

  const gaps = await home(t, ['dead@TCD']);
  const incomplete = await runShell(t, exporting, { cwd: gaps.cwd });
  assert.deepEqual([incomplete.exit, incomplete.stderr], [0, 'export: status 3, see dtm.log\n']);
  assert.match(String(await readFile(join(gaps.cwd, 'dtm.log'))), /units .* without an answer/);

  const wrong = String(await readFile(join(cwd, 'dtm.env'))).replace('sample-key', 'secret-key');
  await writeFile(join(cwd, 'dtm.env'), wrong);
  const { exit, stdout, stderr } = await runShell(t, exporting, { cwd });
  assert.deepEqual([exit, stdout], [0, '']);
  assert.match(stderr, /401.*\nexport: status 1, see dtm\.log\n$/);
  assert.ok(!stderr.includes('secret-key'));
  assert.ok(!String(await readFile(join(cwd, 'dtm.log'))).includes('secret-key'));
});

/** The unit files of the page, by name. */
async function units(): Promise<Record<string, string>> {
  const found = (await readPage()).matchAll(
    /`\/etc\/systemd\/system\/([^`]+)`(?:(?!```)[\s\S])*```systemd\n([\s\S]*?)^```$/gm,
  );
  return Object.fromEntries([...found].map(([, name = '', unit = '']) => [name, unit]));
}

/** The words of `ExecStart`, as systemd reads them: quotes, `$$` for `$`, and the folder for state. */
function execStart(unit: string, state: string): string[] {
  const [, line = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  return words.map((word) => word.replaceAll('$$', '$').replaceAll('%S', state));
}

test('the commands of the units export, and keep a copy until the unit is stopped', async (t) => {
  const { cwd, url } = await home(t);
  const all = await units();
  assert.deepEqual(Object.keys(all), [
    'dtm-export.service',
    'dtm-export.timer',
    'dtm-watch.service',
    'dtm-alert@.service',
  ]);
  const [program, ...exporting] = execStart(all['dtm-export.service'] ?? '', cwd);
  assert.equal(program, '/usr/local/bin/dtm-exporter');
  await mkdir(join(cwd, 'dtm'));
  const env = { DTMAPI_URL: url, DTMAPI_SUBSCRIPTION_KEY: 'sample-key' };
  assert.equal((await runInChildProcess(exporting, { env })).exit, 0);

  const [, ...watching] = execStart(all['dtm-watch.service'] ?? '', cwd);
  assert.equal(watching[1], 'https://example.org/dtm');
  watching[1] = join(cwd, 'dtm/data');
  const child = spawn(process.execPath, [MAIN, ...watching], {
    env: { PATH: await pathWithCommand(t), HOME: cwd, NODE_V8_COVERAGE: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (data) => {
    said += data;
  });
  for (let tries = 0; tries < 400 && !said.includes('ended well'); tries++) await setTimeout(50);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null], said);
  assert.ok(existsSync(join(cwd, 'dtm/watch.json')));
  assert.equal(await releaseOf(join(cwd, 'dtm/copy')), await releaseOf(join(cwd, 'dtm/data')));
});

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: object;
  readonly concurrency: object;
  readonly jobs: {
    readonly export: {
      readonly steps: readonly {
        readonly uses?: string;
        readonly run?: string;
        readonly env?: Record<string, string>;
      }[];
    };
  };
}

const workflow = async (): Promise<Workflow> => load(await fenced(PAGE, 'yaml')) as Workflow;

test('the workflow has no rights, pinned actions, one run at a time, and secrets in one step only', async () => {
  const { on, permissions, concurrency, jobs } = await workflow();
  assert.deepEqual(Object.keys(on), ['schedule', 'workflow_dispatch']);
  assert.deepEqual(permissions, {});
  assert.deepEqual(concurrency, { group: 'dtm-export', 'cancel-in-progress': false });
  const { steps } = jobs.export;
  for (const { uses } of steps) assert.ok(uses === undefined || /^[\w/-]+@[0-9a-f]{40}$/.test(uses), uses);
  const withSecrets = steps.filter((step) => JSON.stringify(step).includes('secrets.'));
  assert.equal(withSecrets.length, 1);
  assert.ok(!withSecrets[0]?.run?.includes('${{'), 'an expression in a script is an injection');
});

test('the workflow publishes: 3 is a success with a warning, 1 fails the job, and no output has the key', async (t) => {
  const { jobs } = await workflow();
  const { run = '', env = {} } = jobs.export.steps.at(-1) ?? {};
  const cases = [
    { faults: [], key: 'sample-key', exit: 0, says: /^$/ },
    {
      faults: ['dead@TCD'],
      key: 'sample-key',
      exit: 0,
      says: /^::warning title=Published with gaps:: {2}units .* without an answer/,
    },
    { faults: [], key: 'secret-key', exit: 1, says: /^$/ },
  ];
  for (const { faults, key, exit, says } of cases) {
    const { cwd, url } = await home(t, faults);
    const values: Record<string, string> = {
      'secrets.DTMAPI_SUBSCRIPTION_KEY': key,
      'vars.DTM_DESTINATION': join(cwd, 'bucket'),
    };
    const resolved = Object.entries(env).map(([name, text]) => {
      const [, expression = ''] = /^\$\{\{ (\S+) \}\}$/.exec(text) ?? assert.fail(text);
      return [name, values[expression] ?? ''];
    });
    const summary = join(cwd, 'summary.md');
    const result = await runShell(t, run, {
      cwd,
      env: { ...Object.fromEntries(resolved), DTMAPI_URL: url, GITHUB_STEP_SUMMARY: summary },
      shell: ['bash', '-e', '-c'],
    });
    assert.equal(result.exit, exit, `${key} ${faults}: ${result.stderr}`);
    assert.match(result.stdout, says);
    const written = String(await readFile(summary));
    assert.equal(written.startsWith('Published release'), exit === 0);
    if (exit === 1) assert.match(result.stderr, /401/);
    assert.ok(!(result.stdout + result.stderr + written).includes(key));
  }
});
