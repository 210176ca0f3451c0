// Tests the npm tarball as users get it: installs it into an empty folder, runs its command and imports its client.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ROOT, simulator, temporaryFolder } from '../setting.ts';

const run = promisify(execFile);

test('the packed tarball gives a working command and an importable client with types', async (t) => {
  const cwd = await temporaryFolder(t);
  await run('npm', ['pack', '--pack-destination', cwd], { cwd: ROOT });
  const [tarball] = await readdir(cwd);
  await writeFile(join(cwd, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }');
  await run('npm', ['install', '--no-audit', '--no-fund', `./${tarball}`], { cwd });

  const { stdout } = await run(
    'npx',
    ['--no-install', 'dtm-exporter', 'export', '--sample', '--json', '--quiet'],
    { cwd },
  );
  assert.equal(JSON.parse(stdout).outcome, 'published');
  const verified = await run('npx', ['--no-install', 'dtm-exporter', 'verify', 'dtm-sample'], { cwd });
  assert.match(verified.stdout, /is whole/);
  assert.match(await readFile(join(cwd, 'dtm-sample/index.html'), 'utf8'), /assets\/page-[0-9a-f]{16}\.js/);

  const { url } = await simulator(t);
  const program = `
    import { DTMApi, DTMAuthenticationError, DTMHnaApi, type Admin0Row, type HnaRecord } from 'dtm-exporter';
    const api = new DTMApi({ subscriptionKey: 'sample-key', baseUrl: '${url}' });
    const rows: Admin0Row[] = await api.getIdpAdmin0Data({ admin0Pcode: 'TCD' });
    const persons: number | null | undefined = rows[0]?.numPresentIdpInd;
    // @ts-expect-error a parameter of level 2 has no place on a call of level 0
    const wrong = () => api.getIdpAdmin0Data({ admin0Pcode: 'TCD', admin2Name: 'x' });
    const hna = new DTMHnaApi({ subscriptionKey: 'sample-hna-key', baseUrl: '${url}' });
    const assessment = { admin0Pcode: 'NGA', year: 2023 };
    const indicators: HnaRecord[] = await hna.getAllHnaAdmin2Data(assessment);
    const file: string = await hna.downloadHnaData(assessment, { filePath: 'nga.xlsx' });
    process.stdout.write(JSON.stringify([rows.length > 0, indicators.length > 0, file.endsWith('nga.xlsx'), typeof persons, typeof wrong, DTMAuthenticationError.name]));
  `;
  await writeFile(join(cwd, 'use.ts'), program);
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  const compilerOptions = [
    '--module',
    'nodenext',
    '--target',
    'es2024',
    '--strict',
    '--outDir',
    'built',
    '--types',
    'node',
  ];
  const types = ['--typeRoots', join(ROOT, 'node_modules/@types')];
  await run(tsc, [...compilerOptions, ...types, 'use.ts'], { cwd });
  const result = await run(process.execPath, ['built/use.js'], { cwd });
  assert.deepEqual(JSON.parse(result.stdout), [
    ...[true, true, true, 'number', 'function', 'DTMAuthenticationError'],
  ]);
  assert.equal((await readFile(join(cwd, 'nga.xlsx'))).subarray(0, 2).toString(), 'PK');
});

/** A Node version that is too old for us. */
const OLD = '20.20.0';

test('on an old Node the command names the needed version, and npm ci prints nothing', async (t) => {
  const cwd = await temporaryFolder(t);
  await writeFile(join(cwd, 'package.json'), '{ "private": true, "allowScripts": { "node": true } }');
  await run('npm', ['install', `node@${OLD}`], { cwd });
  const oldBin = join(cwd, 'node_modules/node/bin');
  assert.equal((await run(join(oldBin, 'node'), ['--version'])).stdout, `v${OLD}\n`);
  const { engines } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const needed = String(engines.node).replace('>=', '');
  const running = run(join(oldBin, 'node'), [join(ROOT, 'dist/cli/main.js'), 'export', '--sample'], { cwd });
  const line = `dtm-exporter: needs Node.js ${needed} or newer, this is ${OLD}: install a newer one from https://nodejs.org\n`;
  await assert.rejects(running, { code: 2, stdout: '', stderr: line });

  const checkout = await temporaryFolder(t);
  for (const file of ['package.json', 'package-lock.json', '.npmrc'])
    await copyFile(join(ROOT, file), join(checkout, file));
  const env = { ...process.env, PATH: `${oldBin}:${process.env.PATH}` };
  const { stderr } = await run('npm', ['ci', '--ignore-scripts', '--dry-run'], { cwd: checkout, env });
  assert.equal(stderr, '');
});

test('the command runs in the checkout after a new build', async () => {
  await run('npm', ['run', 'build'], { cwd: ROOT });
  const { stdout } = await run('npx', ['--no-install', 'dtm-exporter', '--version'], { cwd: ROOT });
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test('the tarball has built files, docs and licence, but no sources, tests or figures', async () => {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json'], { cwd: ROOT });
  const parsed = JSON.parse(stdout.slice(stdout.indexOf('[')));
  const paths = (parsed[0].files as { path: string }[]).map(({ path }) => path);
  for (const path of [
    'dist/cli/main.js',
    'dist/dtm/public.js',
    'dist/dtm/public.d.ts',
    'dist/catalogue/page/browser/page.js',
    'dist/catalogue/page/browser/style.css',
    'docs/schemas/manifest.schema.json',
    'LICENSE',
    'README.md',
  ])
    assert.ok(paths.includes(path), path);
  assert.deepEqual(
    paths.filter(
      (path) =>
        !/^dist\/.*\.(js|d\.ts)$|^dist\/catalogue\/page\/browser\/(style\.css|icon\.svg)$|^docs\/.*\.(md|sh|json)$|^(LICENSE|README\.md|CHANGELOG\.md|package\.json)$/.test(
          path,
        ),
    ),
    [],
  );
});
