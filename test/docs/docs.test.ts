// What the docs promise is checked against what they speak of.
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createProgram } from '../../lib/cli/program.ts';
import { processTerminal } from '../../lib/cli/terminal.ts';
import { ROOT } from '../setting.ts';
import { columnsPage } from './columns.ts';

const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');

test('docs/columns.md is the schema (npm run docs writes it anew)', async () => {
  assert.equal(await read('docs/columns.md'), columnsPage());
});

test('every test that docs/traps.md names exists', async () => {
  const files = (await readdir(join(ROOT, 'test'), { recursive: true })).filter((path) =>
    path.endsWith('.test.ts'),
  );
  const tests = (await Promise.all(files.map((path) => read(join('test', path))))).join('\n');
  const rows = (await read('docs/traps.md')).split('\n').filter((line) => /^\| \d+ \|/.test(line));
  assert.deepEqual(
    rows.map((line) => Number(line.split('|')[1])),
    Array.from({ length: 18 }, (_, at) => at + 1),
  );
  for (const row of rows) {
    const cell = row.split('|')[4] ?? '';
    for (const [, file] of cell.matchAll(/`([a-z]+(?:\/[a-z-]+)+|recorded)`/g))
      assert.ok(files.includes(`${file}.test.ts`), file);
    for (const [, double, single] of cell.matchAll(/: "([^"]+)"|: '([^']+)'/g))
      assert.ok(tests.includes(double ?? single ?? ''), `${double ?? single}`);
  }
});

test('README shows the example of a subscriber that a test runs', async () => {
  assert.ok(
    (await read('README.md')).includes(`\`\`\`ts\n${await read('test/functions/consumer.ts')}\`\`\``),
  );
});

test('what README says of the stack is what the stack has: parameters, outputs, alarms', async () => {
  const section = async (title: string) =>
    (await read('README.md')).split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
  const [deploy, operate] = [await section('Deploy'), await section('Operate')];
  const named = [...deploy.matchAll(/--param (\w+)=/g), ...operate.matchAll(/`(\w+)(?:=\w+)?`/g)];
  const known = (await read('infra/parameters.yml')).match(/^\w+(?=:)/gm) ?? [];
  const functions = ['refresh', 'status', 'coverage'];
  for (const [, name = ''] of named) assert.ok([...known, ...functions].includes(name), name);
  assert.ok(named.length > 6);
  const outputs =
    (await read('infra/outputs.yml')).match(/^ {2}\w+(?=:)/gm)?.map((name) => name.trim()) ?? [];
  for (const [output] of deploy.matchAll(/\b[A-Z]\w+(?:Name|Arn)\b/g))
    assert.ok(outputs.includes(output), output);
  const alarms = [
    ...(await read('infra/alarms.yml')).matchAll(/^ {2}(\w+):\n {4}Type: AWS::CloudWatch::Alarm/gm),
  ];
  const rows = operate
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .join('\n');
  assert.equal(alarms.length, 16);
  for (const [, alarm = ''] of alarms) {
    const words = alarm
      .replace(/^\w+(?=Throttled)/, '')
      .replaceAll(/(?<=.)[A-Z]/g, ' $&')
      .toLowerCase();
    assert.ok(rows.includes(words), words);
  }
});

test('every test that README names for a promise exists', async () => {
  const table = (await read('README.md')).split('| promise | test |')[1]?.split('\n\n')[0] ?? '';
  const rows = table.split('\n').filter((line) => line.startsWith('| ') && line.includes('`test/'));
  assert.ok(rows.length >= 15);
  for (const row of rows) {
    let named = '';
    for (const [, path, name] of row.matchAll(/`(test\/[^`]*)`|"([^"]+)"/g)) {
      if (path) named = path.endsWith('/') ? '' : await read(path);
      else assert.ok(named.includes(name ?? ''), name);
    }
  }
});

test("README's options are those of --help, and its commands those of the program", async () => {
  const readme = await read('README.md');
  const { commands } = createProgram(processTerminal(), () => {});
  for (const command of commands) {
    assert.ok(readme.includes(`| \`${command.name()}`), command.name());
    const documented = new Set(readme.match(/--[a-z-]+/g));
    for (const { long } of command.options)
      assert.ok(documented.has(long ?? ''), `${command.name()} ${long}`);
  }
  const options = new Set(commands.flatMap((command) => command.options.map(({ long }) => long)));
  const table = readme.slice(readme.indexOf('## Options of `export`'), readme.indexOf('## Variables'));
  const inTable = [...table.matchAll(/^\| `(--[a-z-]+)/gm)].map(([, name]) => name);
  const ofExport = commands.find((command) => command.name() === 'export')?.options.map(({ long }) => long);
  assert.deepEqual(inTable, ofExport);
  for (const option of inTable) assert.ok(options.has(option));
});

/** What `lib/environment/` reads, in both cases. */
const PROXIES = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'];

test("README's variables are those that the configuration reads", async () => {
  const table = (await read('README.md')).split('## Variables')[1]?.split('\n## ')[0] ?? '';
  const cells = [...table.matchAll(/^\| (`[^|]+)\|/gm)].map(([, cell]) => cell ?? '');
  const documented = cells.flatMap((cell) => cell.match(/\b[A-Z][A-Z_]+\b/g) ?? []).sort();
  const source = await read('lib/environment/configuration.ts');
  const used = [...new Set(source.match(/'DTM[A-Z_]+'/g))].map((quoted) => quoted.slice(1, -1));
  assert.deepEqual(documented, [...used, ...PROXIES].sort());
});

test('every file that the docs link to exists', async () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    ...(await readdir(join(ROOT, 'docs')))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ];
  for (const page of pages) {
    for (const [, target = ''] of (await read(page)).matchAll(/\]\((?!https?:)([^)#]+)/g))
      await assert.doesNotReject(stat(join(ROOT, page, '..', target)), `${page}: ${target}`);
  }
});

/** The rooms of `lib/` from top to bottom, each with the rooms below that it may import. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  cli: [
    ...['aws', 'run', 'retire', 'read', 'verify', 'catalogue', 'build', 'release', 'format', 'table'],
    ...['simulator', 'dtm', 'store', 'environment'],
  ],
  aws: ['run', 'catalogue', 'build', 'release', 'table', 'dtm', 'environment'],
  run: [
    ...['retire', 'verify', 'catalogue', 'build', 'release', 'format', 'table'],
    ...['dtm', 'store', 'environment'],
  ],
  retire: ['catalogue', 'release', 'store'],
  read: ['catalogue', 'release', 'store', 'environment'],
  verify: ['catalogue', 'build', 'release', 'format', 'dtm', 'store'],
  catalogue: ['build', 'release', 'format', 'table', 'store'],
  build: ['release', 'format', 'table', 'dtm'],
  release: ['format', 'table', 'dtm'],
  format: ['table'],
  table: ['dtm'],
  simulator: ['dtm'],
  dtm: ['environment'],
  store: ['environment'],
  environment: [],
};

/** Rooms that take only types, and constants of the API, from the client's room. */
const TYPES_OF_DTM = ['table', 'simulator'];

/** Rooms of pure functions: they read no file and no network. */
const PURE = ['build', 'release', 'format', 'table'];

const readSources = async (folder: string) => {
  const paths = (await readdir(join(ROOT, folder), { recursive: true })).filter((path) =>
    path.endsWith('.ts'),
  );
  return Promise.all(paths.map(async (path) => ({ path, source: await read(join(folder, path)) })));
};

const importsOf = (path: string, source: string) =>
  [...source.matchAll(/^(?:import|export)[^;]*? from '([^']+)'/gm)].map(([line, from = '']) => ({
    line,
    from,
    room: from.startsWith('.') ? join(path, '..', from).split('/')[0] : undefined,
  }));

test('ls lib shows the rooms, and no room or folder in it lists many more than fifteen files', async () => {
  const folders = (await readdir(join(ROOT, 'lib'), { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isDirectory(),
  );
  assert.deepEqual((await readdir(join(ROOT, 'lib'))).sort(), Object.keys(ROOMS).sort());
  for (const { parentPath, name } of folders) {
    const { length } = await readdir(join(parentPath, name));
    assert.ok(length <= 16, `${join(parentPath, name)} lists ${length}`);
  }
});

test('a room imports itself and rooms below it only', async () => {
  const order = Object.keys(ROOMS);
  for (const [room, below] of Object.entries(ROOMS))
    for (const other of below) assert.ok(order.indexOf(other) > order.indexOf(room), `${room}: ${other}`);
  for (const { path, source } of await readSources('lib')) {
    const room = path.split('/')[0] ?? '';
    for (const { line, from, room: target } of importsOf(path, source)) {
      if (target === undefined) continue;
      assert.ok(target === room || ROOMS[room]?.includes(target), `lib/${path} imports ${from}`);
      if (TYPES_OF_DTM.includes(room) && target === 'dtm')
        assert.ok(line.startsWith('import type'), `lib/${path}: types only of ${from}`);
    }
  }
});

test('every allowed import between two rooms is in use', async () => {
  const used = new Set<string>();
  for (const { path, source } of await readSources('lib'))
    for (const { room } of importsOf(path, source)) used.add(`${path.split('/')[0]} ${room}`);
  for (const [room, below] of Object.entries(ROOMS))
    for (const other of below) assert.ok(used.has(`${room} ${other}`), `${room} imports nothing of ${other}`);
});

test('only the configuration reads the environment, only commands print, and making a release needs no I/O', async () => {
  for (const { path, source } of await readSources('lib')) {
    const room = path.split('/')[0] ?? '';
    if (path !== 'environment/configuration.ts')
      assert.ok(!/process\.env\b/.test(source), `lib/${path} reads the environment`);
    if (room !== 'cli') assert.ok(!/process\.(stdout|stderr)/.test(source), `lib/${path} prints`);
    for (const { from } of importsOf(path, source))
      if (PURE.includes(room))
        assert.ok(!/^node:(fs|http|https|net|child_process)/.test(from), `lib/${path} imports ${from}`);
  }
});
