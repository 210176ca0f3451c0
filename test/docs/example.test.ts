// Runs the example of docs/promises.md unchanged except for its ports, and checks that all files agree on the result.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { MAIN, ROOT, temporaryFolder } from '../setting.ts';

const EXAMPLE = join(ROOT, 'docs/example.sh');
const COUNTS = { added: 0, removed: 12, changed: 3, relabelled: 0 };

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return String(port);
}

/** Runs the example; `npx dtm-exporter` is the program of the checkout. */
async function runExample(folder: string): Promise<{ stdout: string; stderr: string }> {
  const script = (await readFile(EXAMPLE, 'utf8'))
    .replaceAll('18081', await freePort())
    .replaceAll('18082', await freePort());
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'npx'), `#!/bin/sh\nshift\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  await chmod(join(bin, 'npx'), 0o755);
  // A stopped simulator would leave half a coverage report.
  const env = { PATH: `${bin}:${process.env.PATH}`, NODE_V8_COVERAGE: '' };
  return new Promise((done, fail) =>
    execFile('bash', ['-c', script], { cwd: folder, env }, (error, stdout, stderr) =>
      error && error.code !== 0 ? fail(error) : done({ stdout, stderr }),
    ),
  );
}

test('docs/promises.md shows the example', async () => {
  const page = await readFile(join(ROOT, 'docs/promises.md'), 'utf8');
  assert.ok(page.includes(`\`\`\`sh\n${await readFile(EXAMPLE, 'utf8')}\`\`\``));
});

test('the example is refused, then published, and every file reports the changed, dead and gone countries', async (t) => {
  const folder = await temporaryFolder(t);
  const { stdout, stderr } = await runExample(folder);
  assert.deepEqual(stdout.match(/^exit \d$/gm), ['exit 0', 'exit 1', 'exit 3']);
  assert.match(
    stderr,
    /refused: against the recent releases TCD lost all its rows: if that is right, publish with --run 2026-11-24T06-00-00Z --accept-drop$/m,
  );
  const at = join(folder, 'example');
  const [first, second, ...others] = (await readdir(join(at, 'releases'))).sort() as [string, string];
  assert.deepEqual(others, []);
  const json = async (path: string) => JSON.parse(await readFile(join(at, path), 'utf8'));

  const changes = await json(`releases/${second}/changes/changes.json`);
  const { added, removed, changed, relabelled } = changes;
  assert.deepEqual({ added, removed, changed, relabelled }, COUNTS);
  assert.deepEqual([changes.release, changes.supersedes], [second, first]);
  const countries = changes.countries as { country: string; removed: { rows: number }; changed: object }[];
  const seven = { rows: 1, persons: 7 };
  for (const one of countries.filter(({ country }) => country === 'HTI'))
    assert.deepEqual(one.changed, seven);
  assert.deepEqual(
    countries.map((one) => [one.country, one.removed.rows]),
    [...Array(3).fill(['HTI', 0]), ...Array(3).fill(['TCD', 4])],
  );
  assert.deepEqual([changes.vanished.countries, changes.appeared.countries], [['TCD'], []]);

  const manifest = await json(`releases/${second}/manifest.json`);
  assert.deepEqual(manifest.changes, { ...COUNTS, countries: ['HTI', 'TCD'] });
  type Unit = { country: string; status: string; from: string; reason: string };
  const carried = (manifest.coverage.units as Unit[]).filter(({ status }) => status === 'carried');
  assert.deepEqual(
    carried.map(({ country, from }) => [country, from]),
    Array(3).fill(['AFG', first]),
  );
  for (const { reason } of carried) assert.match(reason, /500/);

  type Check = { name: string; observed: number; verdict: string; consequence: string; examples: string[] };
  const { checks } = (await json(`releases/${second}/quality.json`)) as { checks: Check[] };
  const found = (name: string) => {
    const { observed, verdict, consequence, examples } = checks.find((check) => check.name === name) as Check;
    return [observed, verdict, consequence, examples.join(' ')];
  };
  assert.deepEqual(found('units without an answer'), [
    3,
    'fail',
    'published',
    'admin0/AFG admin1/AFG admin2/AFG',
  ]);
  assert.deepEqual(found('countries that lost all their rows'), [
    1,
    'fail',
    'refused unless accepted',
    'TCD lost all its rows',
  ]);

  const status = await json('status.json');
  assert.deepEqual(
    [status.last_check.outcome, status.last_check.coverage.carried, status.last_change.release],
    ['published', 3, second],
  );
  assert.match(status.last_failure.reason, /TCD lost all its rows/);
  assert.match(stdout, /^changes +0 rows added, 12 removed, 3 changed, 0 relabelled$/m);
  assert.match(
    stdout,
    /^gaps +admin0\/AFG carried, last answered \S+, 0 days ago; admin1\/AFG carried, .*; admin2\/AFG carried, /m,
  );

  const [newest] = (await json('releases.json')).releases;
  assert.deepEqual([newest.release, newest.changes], [second, manifest.changes]);
  const feed = await readFile(join(at, 'feed.xml'), 'utf8');
  assert.match(feed, new RegExp(`Against ${first}: 12 rows removed, 3 rows changed \\(HTI, TCD\\)\\.`));
});
