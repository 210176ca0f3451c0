// Every snippet of docs/reader.md type-checks and runs over a sample, and its tables list what the reader has.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openDataset } from '../../lib/dataset/reader.ts';
import { exportInto, ROOT, simulator, temporaryFolder } from '../setting.ts';
import { startFiles } from './start-files.ts';

const run = promisify(execFile);

const readPage = (): Promise<string> => readFile(join(ROOT, 'docs/reader.md'), 'utf8');

/** What each snippet prints, in order. */
const PRINTED = [
  /^.+ [A-Z]+ \d{4}-\d\d-\d\d \d+$/m,
  /^\[ '2\d{3}-\d\d-\d\d\.1 available' \]\n\{[\s\S]*?admin0_pcode: 'SDN'[\s\S]*\n\d+ No licence: not for redistribution\.\n$/,
  /^2\d{3}-\d\d-\d\d\.1 3\n$/,
  /^no-release \[ '2\d{3}-\d\d-\d\d\.1' \]\n$/,
];

test('the snippets of docs/reader.md compile, run, and print what they should', async (t) => {
  const world = await simulator(t, { scale: 0.02 });
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url: world.url });
  const { url } = await startFiles(t, folder);
  const blocks = [...(await readPage()).matchAll(/^```ts\n(.*?)^```/gms)].map(([, block = '']) => block);
  assert.equal(blocks.length, PRINTED.length);
  const programs = await temporaryFolder(t);
  const names = await Promise.all(
    blocks.map(async (block, at) => {
      const text = block
        .replace("'dtm-exporter/reader'", JSON.stringify(join(ROOT, 'lib/dataset/reader.ts')))
        .replace('https://example.org/dtm/', url)
        .replace('./dtm-sample', folder);
      await writeFile(join(programs, `snippet-${at}.ts`), text);
      return join(programs, `snippet-${at}.ts`);
    }),
  );
  const resolution = { rewriteRelativeImportExtensions: false, allowImportingTsExtensions: true };
  const compilerOptions = { ...resolution, typeRoots: [join(ROOT, 'node_modules/@types')] };
  const config = { extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: [join(programs, '*.ts')] };
  await writeFile(join(programs, 'tsconfig.json'), JSON.stringify(config));
  await writeFile(join(programs, 'package.json'), '{"type":"module"}');
  await run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', programs]).catch(({ stdout }) => assert.fail(stdout));
  for (const [at, name] of names.entries()) {
    const { stdout, stderr } = await run(process.execPath, [name], { timeout: 30_000 });
    assert.equal(stderr, '');
    assert.match(stdout, PRINTED[at] as RegExp);
  }
});

/** The names in the first column of a section's table. */
const listed = (page: string, title: string): string[] => {
  const section = page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| (`[^|]+)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([\w-]+)/g)].map(([, name = '']) => name),
  );
};

test("docs/reader.md's tables list every option and every kind of error, and no other", async () => {
  const page = await readPage();
  const source = await readFile(join(ROOT, 'lib/dataset/errors.ts'), 'utf8');
  const kinds = source.split('export type DatasetErrorKind =')[1]?.split(';')[0] ?? '';
  assert.deepEqual(
    listed(page, 'Errors').sort(),
    [...kinds.matchAll(/'([\w-]+)'/g)].map(([, kind]) => kind).sort(),
  );
  const optionsIn = (error: unknown): string[] =>
    /one of the options (.*)$/
      .exec((error as Error).message)?.[1]
      ?.split(', ')
      .sort() ?? [];
  const wrong = { wrong: 1 } as object;
  assert.throws(
    () => openDataset('https://example.org/', wrong),
    (error) => assert.deepEqual(listed(page, 'Options of a dataset').sort(), optionsIn(error)) === undefined,
  );
  const rows = await readFile(join(ROOT, 'lib/dataset/row-options.ts'), 'utf8');
  const [, names = ''] = /const OPTIONS = \[(.*)\];/.exec(rows) ?? [];
  assert.deepEqual(
    listed(page, 'Options of rows').sort(),
    [...names.matchAll(/'(\w+)'/g)].map(([, name]) => name).sort(),
  );
});
