// The zips of the functions, as Lambda gets them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { strFromU8, unzipSync } from 'fflate';
import { type PackagedFunction, packageAll } from '../../infra/package.ts';
import { BROWSER_FILES } from '../../lib/catalogue/page/assets.ts';
import { temporaryFolder } from '../setting.ts';

const run = promisify(execFile);

let folder: string;
let packaged: readonly PackagedFunction[];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dtm-package-'));
  packaged = await packageAll(folder);
});
after(() => rm(folder, { recursive: true, force: true }));

/** A zip's files as text. */
async function filesOf({ path }: PackagedFunction): Promise<Record<string, string>> {
  const files = Object.entries(unzipSync(await readFile(path)));
  return Object.fromEntries(files.map(([name, bytes]) => [name, strFromU8(bytes, true)]));
}

test('packaging the same sources again in another time zone gives the same bytes', async (t) => {
  // A zip's times have no zone.
  process.env.TZ = 'Pacific/Auckland';
  const again = await packageAll(await temporaryFolder(t));
  const hashes = (all: readonly PackagedFunction[]) => all.map(({ name, sha256 }) => `${name} ${sha256}`);
  assert.deepEqual(hashes(again), hashes(packaged));
  assert.equal(again.length, 6);
});

test('each zip has bundle and source map; publish also has parquet-wasm and the page scripts', async () => {
  for (const one of packaged) {
    const files = await filesOf(one);
    const beside = one.name === 'publish' ? ['parquet_wasm_bg.wasm', ...BROWSER_FILES] : [];
    assert.deepEqual(Object.keys(files).sort(), [...beside, `${one.name}.mjs`, `${one.name}.mjs.map`].sort());
  }
});

test('source maps point at our own .ts files and contain no sources', async () => {
  for (const one of packaged) {
    const files = await filesOf(one);
    const [code = '', map = ''] = [files[`${one.name}.mjs`], files[`${one.name}.mjs.map`]];
    assert.ok(code.endsWith(`//# sourceMappingURL=${one.name}.mjs.map\n`), one.name);
    const { sourcesContent, ...payload } = JSON.parse(map);
    assert.equal(sourcesContent, undefined);
    // Every bundle ends with its export, which comes from the function's own file.
    const lines = code.split('\n');
    const line = lines.findIndex((text) => text.includes('export{'));
    const column = lines[line]?.indexOf('export{') ?? 0;
    const entry = new SourceMap(payload).findEntry(line, column);
    assert.ok(
      'originalSource' in entry && entry.originalSource.endsWith(`/functions/${one.name}.ts`),
      one.name,
    );
  }
});

test('the Parquet libraries are in publish only, and Arrow in fetch and publish only', async () => {
  const bundled = new Map<string, string[]>();
  for (const one of packaged) {
    const { sources } = JSON.parse((await filesOf(one))[`${one.name}.mjs.map`] ?? '') as {
      sources: string[];
    };
    const heavy = ['apache-arrow', 'parquet-wasm', 'parquetjs-lite'];
    bundled.set(
      one.name,
      heavy.filter((dependency) => sources.some((source) => source.includes(`/${dependency}/`))),
    );
  }
  assert.deepEqual(Object.fromEntries(bundled), {
    plan: [],
    fetch: ['apache-arrow'],
    publish: ['apache-arrow', 'parquet-wasm', 'parquetjs-lite'],
    refresh: [],
    repoint: [],
    notify: [],
  });
});

test('every bundle can be imported outside the project and exports its handler', async () => {
  for (const { name } of packaged) {
    const url = pathToFileURL(join(folder, name, `${name}.mjs`)).href;
    const program = `const { handler } = await import('${url}'); console.log(typeof handler)`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: folder,
    });
    assert.equal(stdout, 'function\n', name);
  }
});
