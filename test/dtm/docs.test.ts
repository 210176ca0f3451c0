// Every TypeScript block of docs/client.md and docs/python.md type-checks, and runs against a local server.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { DTMApi } from '../../lib/dtm/client.ts';
import { PATHS } from '../../lib/dtm/endpoints.ts';
import { DTMHnaApi } from '../../lib/dtm/hna/client.ts';
import * as publicApi from '../../lib/dtm/public.ts';
import { linkTo, nested, workbook } from './hna/start-hna-server.ts';
import { V2, V3 } from './samples.ts';
import { answer, KEY, type Step, send, serve, UNKNOWN } from './start-api-server.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const PAGES = ['docs/client.md', 'docs/python.md'];
const readPage = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

/** Answers any path of the API with one row of the requested country. */
const api: Step = (response, request) => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://127.0.0.1');
  if (pathname.startsWith('/HNA/v1/download') || pathname.startsWith('/files/'))
    return linkTo(workbook)(response, request);
  if (pathname.startsWith('/HNA/v1/'))
    return send(nested({ data: [{ strata: 'IDP', share: 0.5 }], pagination: { hasNextPage: false } }))(
      response,
      request,
    );
  if (searchParams.get('CountryName') === 'Atlantis') return send(UNKNOWN)(response, request);
  const [rows, paths] = pathname.startsWith('/v2') ? [V2, PATHS.v2] : [V3, PATHS.v3];
  const endpoint = (Object.keys(paths) as (keyof typeof paths)[]).find((each) => paths[each] === pathname);
  assert.ok(endpoint, pathname);
  const row = { ...rows[endpoint], admin0Pcode: searchParams.get('Admin0Pcode') ?? 'HTI' };
  send(answer([row]))(response, request);
};

for (const path of PAGES)
  test(`the snippets of ${path} compile and run`, async (t) => {
    const blocks = [...(await readPage(path)).matchAll(/^```ts\n(.*?)^```/gms)].map(
      ([, block = '']) => block,
    );
    assert.ok(blocks.length >= 2);
    const server = await serve(t, api);
    const folder = await mkdtemp(join(tmpdir(), 'dtm-docs-'));
    t.after(() => rm(folder, { recursive: true }));
    const files = await Promise.all(
      blocks.map((block, index) => writeSnippet(folder, `snippet-${index}.ts`, block, server.url)),
    );
    const resolution = { rewriteRelativeImportExtensions: false, allowImportingTsExtensions: true };
    const compilerOptions = { ...resolution, typeRoots: [join(root, 'node_modules/@types')] };
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: [join(folder, '*.ts')] };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    const env = { ...process.env, DTMAPI_SUBSCRIPTION_KEY: KEY, DTMHNA_SUBSCRIPTION_KEY: KEY };
    const options = { env, timeout: 20_000, cwd: folder };
    const compiled = run(join(root, 'node_modules/.bin/tsc'), ['-p', folder], options);
    const results = await Promise.allSettled([
      compiled,
      ...files.map((file) => run(process.execPath, [file], options)),
    ]);
    for (const result of results) {
      if (result.status === 'rejected') assert.fail(`${result.reason}\n${result.reason.stdout}`);
    }
    assert.ok(server.requests.length >= blocks.length);
  });

async function writeSnippet(folder: string, name: string, block: string, url: string): Promise<string> {
  const text = block
    .replace("'dtm-exporter'", JSON.stringify(pathToFileURL(join(root, 'lib/dtm/public.ts')).pathname))
    .replace(/new (DTM\w+)\(\{/, `new $1({ baseUrl: '${url}',`);
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

const errors = Object.keys(publicApi).filter((name) => name.endsWith('Error'));
const methods = Object.getOwnPropertyNames(DTMApi.prototype).filter((name) => name !== 'constructor');

const hnaMethods = Object.getOwnPropertyNames(DTMHnaApi.prototype).filter((name) => name !== 'constructor');

/** The options that the client takes, as it lists them when it refuses an unknown one. */
function optionNames(): string[] {
  try {
    new DTMApi({ subscriptionKey: KEY, nothing: 1 } as never);
  } catch (error) {
    return /one of the options (.*), got/.exec(String(error))?.[1]?.split(', ') ?? [];
  }
  return [];
}

test('docs/python.md names every error, method and option of the client', async () => {
  const page = await readPage('docs/python.md');
  const options = optionNames();
  assert.ok(errors.length > 8 && methods.length > 5 && options.length > 10);
  for (const name of [...errors, ...methods, ...hnaMethods, ...options]) assert.ok(page.includes(name), name);
});

test("docs/client.md's tables list every error, method and option of the client, and no other", async () => {
  const page = await readPage('docs/client.md');
  const listed = (title: string): string[] => {
    const section = page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
    return [...section.matchAll(/^\| `(\w+)/gm)].map(([, name = '']) => name).sort();
  };
  assert.deepEqual(listed('Errors'), errors.toSorted());
  assert.deepEqual(listed('Calls'), methods.toSorted());
  assert.deepEqual(listed('Options'), optionNames().toSorted());
  assert.deepEqual(listed('DTMHnaApi'), hnaMethods.toSorted());
});

test("docs/client.md's table of errors names fields that the errors have", async () => {
  const page = await readPage('docs/client.md');
  const rows = [...page.matchAll(/^\| `(\w+Error)` .*\|([^|]*)\|$/gm)];
  assert.ok(rows.length > 8);
  const source = await readPage('lib/dtm/errors.ts');
  for (const [, name, cell = ''] of rows)
    for (const [, field] of cell.matchAll(/`(\w+)`/g))
      assert.match(source, new RegExp(`(readonly )?${field}\\??:`), `${name}: ${field}`);
});
