// The command lines of --help and README, run unchanged except for addresses that do not exist here.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { duckdb, ROOT, runInThisProcess, simulator, temporaryFolder } from '../setting.ts';
import { examplesOfHelp } from './shown.ts';

/** The words of a command line as a shell splits them; these lines have no quotes but apostrophes. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');

async function setting(t: TestContext) {
  const [{ url }, cwd] = [await simulator(t), await temporaryFolder(t)];
  const env = { DTMAPI_URL: url, DTMAPI_SUBSCRIPTION_KEY: 'sample-key' };
  const run = (line: string) =>
    runInThisProcess(wordsOf(line.replace(/^(npx )?dtm-exporter /, '')), { cwd, env });
  return { cwd, run };
}

const currentOf = async (cwd: string): Promise<string> =>
  JSON.parse(await readFile(join(cwd, 'dtm-open-data/latest.json'), 'utf8')).release;

test('the examples of --help run', async (t) => {
  const { cwd, run } = await setting(t);
  const lines = examplesOfHelp().map(({ line }) => line);
  const order = [
    ...['export', 'verify', 'status', 'download', 'diff', 'history', 'prune', 'repair', 'withdraw'],
  ];
  const ran: string[] = [];
  for (const name of order) {
    const line = lines.find((one) => one.startsWith(`dtm-exporter ${name} `));
    assert.ok(line, name);
    const release: string = ran.length > 0 ? await currentOf(cwd) : '';
    const here: string = line
      .replace('https://example.org/dtm', './dtm-open-data')
      .replace('2026-11-24.1', release)
      .replace('HTI,SDN', 'HTI,TCD')
      .replace('--country SDN', '--country HTI');
    const { exit, stderr, stdout } = await run(here);
    assert.equal(exit, 0, `${here}: ${stderr}`);
    if (name === 'export') await queryOf(stdout, cwd);
    ran.push(name);
  }
  assert.deepEqual(
    lines.filter((line) => !order.includes(line.split(' ')[1] ?? '')).length,
    4,
    'repoint, watch, serve and simulate',
  );
});

/** Runs the query that `export` prints at its end. */
async function queryOf(stdout: string, cwd: string): Promise<void> {
  const [, query = ''] = /^ {2}duckdb -c "(.*)"$/m.exec(stdout) ?? [];
  const rows = await duckdb(query.replace(/'(?=[^/'])/, () => `'${cwd}/`));
  assert.ok(rows.length > 1 && rows.every(({ level, is_latest }) => level === 0 && is_latest));
}

/** The command lines of the block in README that begins with `first`. */
async function linesOf(first: string): Promise<string[]> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const block = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].find(([, text]) => text?.startsWith(first));
  const lines = block?.[1]?.trim().split('\n') ?? assert.fail(first);
  return lines.map((line) => line.replace(/ +#.*$/, '')).filter((line) => line.startsWith('npx'));
}

test("README's first commands run over the sample", async (t) => {
  const { run } = await setting(t);
  assert.equal((await run('dtm-exporter export --sample --quiet')).exit, 0);
  const lines = await linesOf('npx dtm-exporter status');
  assert.deepEqual(
    lines.map((line) => line.split(' ')[2]),
    ['status', 'verify', 'serve'],
  );
  for (const line of lines.slice(0, 2)) assert.equal((await run(line)).exit, 0, line);
});

test("README's export with a key runs", async (t) => {
  const { run } = await setting(t);
  const lines = await linesOf('export DTMAPI_SUBSCRIPTION_KEY');
  assert.equal(lines.length, 2);
  for (const line of lines) assert.equal((await run(line)).exit, 0, line);
});
