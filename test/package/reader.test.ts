// `dtm-exporter/reader` as users get it: from the installed tarball, in Node.js, bundled for browsers, and in Chromium.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { builtinModules } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { serveDataset } from '../../lib/read/serve.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { startBrowser } from '../browser/start-browser.ts';
import { duckdb, exportInto, ROOT, simulator, temporaryFolder } from '../setting.ts';

const run = promisify(execFile);

/** A program that reads a dataset, and is checked by the compiler with the types of the tarball. */
const PROGRAM = `
import { DatasetError, openDataset, type Row, type Source } from 'dtm-exporter/reader';

export async function read(url: string): Promise<unknown[]> {
  const release = await openDataset(url).current();
  let persons = 0;
  for await (const row of release.rows('snapshots', { where: { level: 0, is_latest: true }, columns: ['idps', 'reporting_date'] })) {
    const idps: number | null = row.idps;
    const date: string = row.reporting_date;
    // @ts-expect-error the column was not selected
    const operation: string = row.operation;
    if (date && operation === undefined) persons += idps ?? 0;
  }
  const rows: Row<'admin1'>[] = [];
  for await (const row of release.rows('admin1', { countries: 'TCD' })) rows.push(row);
  const licence: Uint8Array = await release.download('LICENSE.txt');
  // @ts-expect-error there is no such table
  const kind = await release.rows('admin3').next().catch((error: unknown) => (error as DatasetError).kind);
  const source: Source = { get: async () => null };
  const nothing = await openDataset(source).current().catch((error: DatasetError) => error.kind);
  return [persons, rows.length, licence.length > 0, kind, nothing];
}
`;

/** An empty folder with the tarball, the program, and nothing else. */
async function install(t: TestContext): Promise<string> {
  const cwd = await temporaryFolder(t);
  await run('npm', ['pack', '--pack-destination', cwd], { cwd: ROOT });
  const [tarball] = await readdir(cwd);
  await writeFile(join(cwd, 'package.json'), '{ "name": "empty", "private": true, "type": "module" }');
  await run('npm', ['install', '--no-audit', '--no-fund', `./${tarball}`], { cwd });
  await writeFile(join(cwd, 'read.ts'), PROGRAM);
  return cwd;
}

/** Compiles the program for a platform that has only these types. */
const compile = (cwd: string, platform: readonly string[]) =>
  run(
    join(ROOT, 'node_modules/.bin/tsc'),
    [
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--strict',
      '--exactOptionalPropertyTypes',
      ...platform,
      'read.ts',
    ],
    { cwd },
  ).catch((error) => assert.fail(`${error.message}\n${error.stdout}`));

/** Bundles an entry for browsers, with nothing left outside. */
async function bundle(cwd: string, contents: string, format: 'esm' | 'iife'): Promise<string> {
  const stdin = { contents, resolveDir: cwd, loader: 'ts' as const };
  const common = {
    bundle: true,
    minify: true,
    write: false,
    platform: 'browser',
    logLevel: 'silent',
  } as const;
  const { outputFiles } = await build({ ...common, stdin, format });
  return outputFiles[0]?.text ?? '';
}

/** A page of another origin than the dataset's with this head, and the modules of a folder. */
async function servePage(t: TestContext, head: string, folder: string): Promise<string> {
  const server = createServer(async ({ url = '' }, response) => {
    if (url === '/')
      return void response
        .setHeader('Content-Type', 'text/html')
        .end(`<!doctype html><link rel="icon" href="data:,">${head}`);
    response.setHeader('Content-Type', 'text/javascript');
    response.end(await readFile(join(folder, url)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test('the reader of the tarball works in Node.js, bundled, and in Chromium', async (t) => {
  const cwd = await install(t);
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url: world.url });
  const { url, ...server } = await serveDataset(folderStore(folder), { port: 0 });
  t.after(() => server.close());
  const [release = ''] = await readdir(join(folder, 'releases'));
  const tables = join(folder, 'releases', release, 'tables');
  const [truth = {}] = await duckdb(
    `SELECT (SELECT sum(idps) FROM '${tables}/snapshots/snapshots.parquet' WHERE level = 0 AND is_latest)::VARCHAR AS persons,
      (SELECT count(*) FROM '${tables}/admin1/admin1.parquet' WHERE admin0_pcode = 'TCD')::VARCHAR AS rows`,
  );
  const expected = [Number(truth.persons), Number(truth.rows), true, 'no-table', 'none-published'];

  await t.test(
    'its types compile for browsers without those of Node.js, and for Node.js without those of browsers',
    async () => {
      await compile(cwd, ['--lib', 'es2022,dom,dom.asynciterable', '--types', '', '--noEmit']);
      await compile(cwd, [
        '--lib',
        'es2022',
        '--types',
        'node',
        '--typeRoots',
        join(ROOT, 'node_modules/@types'),
      ]);
    },
  );

  await t.test('Node.js reads with it what DuckDB reads', async () => {
    const script = `import { read } from './read.js'; console.log(JSON.stringify(await read(${JSON.stringify(url)})))`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd });
    assert.deepEqual(JSON.parse(stdout), expected);
  });

  await t.test(
    'the bundle for browsers needs no module of Node.js, and is below 32 KB compressed',
    async (subtest) => {
      const code = await bundle(
        cwd,
        "export { DatasetError, openDataset } from 'dtm-exporter/reader'",
        'esm',
      );
      const imports = [...code.matchAll(/(?:\bfrom|\bimport\(?|\brequire\()\s*["']([^"']+)["']/g)].map(
        ([, name]) => name,
      );
      assert.deepEqual(imports, []);
      for (const name of builtinModules.filter((each) => each.length > 4))
        assert.ok(!code.includes(`"node:${name}"`) && !code.includes(`require("${name}")`), name);
      assert.ok(!/\bBuffer\b|\bprocess\./.test(code));
      const size = gzipSync(code, { level: 9 }).length;
      subtest.diagnostic(`${code.length} bytes, ${size} compressed`);
      assert.ok(size < 32_000, `${size}`);
      const docs = await readFile(join(ROOT, 'docs/reader.md'), 'utf8');
      const [, shown] = /(\d+) KB\s+compressed/.exec(docs) ?? [];
      assert.equal(Number(shown), Math.round(size / 1000), 'docs/reader.md says the size of the bundle');
    },
  );

  await t.test(
    'Chromium reads the same in a page of another origin, also without a bundler',
    async (subtest) => {
      const script = await bundle(cwd, "import { read } from './read.ts'; globalThis.read = read;", 'iife');
      await writeFile(join(cwd, 'script.js'), script);
      const page = await (await startBrowser(subtest)).newPage();
      await page.goto(await servePage(subtest, '<script src="script.js"></script>', cwd));
      const inPage = (address: string) =>
        page.evaluate(
          (from) =>
            (globalThis as unknown as { read(url: string): Promise<unknown> })
              .read(from)
              .catch((error: Error) => String(error)),
          address,
        );
      assert.deepEqual(await inPage(url), expected);
      const importMap = /^```html\n(.*?)^```/ms.exec(
        await readFile(join(ROOT, 'docs/reader.md'), 'utf8'),
      )?.[1];
      const modules = `${importMap}<script type="module">import { read } from './read.js'; globalThis.read = read;</script>`;
      await page.goto(await servePage(subtest, modules, cwd));
      assert.deepEqual(await inPage(url), expected, 'modules without a bundler');
      // `localhost` is another origin, and a server without CORS headers answers it.
      const closed = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
      await once(closed, 'listening');
      subtest.after(() => closed.close());
      const { port } = closed.address() as AddressInfo;
      assert.match(
        String(await inPage(`http://127.0.0.1:${port}/`)),
        /^DatasetError: latest\.json: http:\/\/127\.0\.0\.1:\d+ could not be reached \(.*must allow pages of http:\/\/127\.0\.0\.1:\d+ to read \(Access-Control-Allow-Origin\)\)$/,
      );
    },
  );
});
