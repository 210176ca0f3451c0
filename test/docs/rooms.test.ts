// The rooms of `lib/`: what each may import, and that docs/architecture.md shows them all.
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../setting.ts';

const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');

/** The rooms of `lib/` from top to bottom, each with the rooms below that it may import. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  cli: [
    ...['aws', 'run', 'retire', 'read', 'verify', 'catalogue', 'make', 'release', 'format', 'table'],
    ...['simulator', 'dtm', 'store', 'environment'],
  ],
  aws: ['run', 'retire', 'catalogue', 'make', 'release', 'table', 'dtm', 'environment'],
  run: [
    ...['retire', 'verify', 'catalogue', 'make', 'release', 'format', 'table'],
    ...['dtm', 'store', 'environment'],
  ],
  retire: ['catalogue', 'release', 'store'],
  read: ['catalogue', 'make', 'release', 'format', 'table', 'store', 'environment'],
  verify: ['catalogue', 'make', 'release', 'format', 'store'],
  catalogue: ['dataset', 'make', 'release', 'format', 'table', 'store'],
  dataset: [],
  make: ['release', 'format', 'table', 'dtm'],
  release: ['format', 'table', 'dtm'],
  format: ['table'],
  table: ['dtm'],
  simulator: ['dtm'],
  dtm: ['environment'],
  store: ['environment'],
  environment: [],
};

/** Rooms that import only types from the client's room. */
const TYPES_OF_DTM = ['table', 'simulator'];

/** Rooms of pure functions: they read no file and no network. */
const PURE = ['make', 'release', 'format', 'table'];

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

test('lib has exactly these rooms, and no folder in it has more than sixteen entries', async () => {
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

/** Static and dynamic imports of files of the project, also those of types. */
const LOCAL_IMPORT =
  /^(?:import|export)\b[^;']*? from '(\.[^']+)'|^import '(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm;

/** The files that each file of some folders imports. */
async function importGraph(folders: readonly string[]): Promise<Map<string, string[]>> {
  const graph = new Map<string, string[]>();
  for (const folder of folders)
    for (const { path, source } of await readSources(folder)) {
      const found = [...source.matchAll(LOCAL_IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
      const file = join(folder, path);
      graph.set(
        file,
        found.map((from) => join(file, '..', from)),
      );
    }
  return graph;
}

/** The circles of a graph of imports, each as the files from one to itself again. */
function findCircles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const circles: string[] = [];
  const done = new Set<string>();
  const follow = (file: string, way: readonly string[]): void => {
    if (done.has(file)) return;
    const at = way.indexOf(file);
    if (at >= 0) {
      circles.push([...way.slice(at), file].join(' > '));
      return;
    }
    for (const next of graph.get(file) ?? []) follow(next, [...way, file]);
    done.add(file);
  };
  for (const file of graph.keys()) follow(file, []);
  return circles;
}

test('no file imports itself through others, not even for a type', async () => {
  const graph = await importGraph(['lib', 'functions', 'infra']);
  assert.deepEqual(findCircles(graph), []);
  const counted = [...graph.values()].flat().length;
  assert.ok(graph.size > 400 && counted > 1000, `${graph.size} files, ${counted} imports`);
  const known = new Map([
    ['a', ['b', 'c']],
    ['b', ['d']],
    ['c', ['d', 'a']],
    ['d', ['d']],
  ]);
  assert.deepEqual(findCircles(known), ['d > d', 'a > c > a']);
});

test('every import that a room may make is made', async () => {
  const used = new Set<string>();
  for (const { path, source } of await readSources('lib'))
    for (const { room } of importsOf(path, source)) used.add(`${path.split('/')[0]} ${room}`);
  for (const [room, below] of Object.entries(ROOMS))
    for (const other of below) assert.ok(used.has(`${room} ${other}`), `${room} imports nothing of ${other}`);
});

test('only the configuration reads process.env, only commands print, and pure rooms import no I/O', async () => {
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

const FOLDERS = ['functions', ...Object.keys(ROOMS).map((room) => `lib/${room}`)];

test("docs/architecture.md's table lists the rooms of lib/ from top to bottom, and functions/", async () => {
  const page = await read('docs/architecture.md');
  const listed = [...page.matchAll(/^\| `((?:lib\/)?\w+)\/` \|/gm)].map(([, room = '']) => room);
  const rooms = listed.filter((room) => room.startsWith('lib/'));
  assert.deepEqual(
    rooms,
    Object.keys(ROOMS).map((room) => `lib/${room}`),
  );
  assert.deepEqual(listed.toSorted(), FOLDERS.toSorted());
});

test('every file and folder that docs/architecture.md names exists', async () => {
  const page = await read('docs/architecture.md');
  const named = [...page.matchAll(/`((?:lib|functions|infra|test|docs)\/[\w./-]*)`/g)].map(
    ([, path = '']) => path,
  );
  assert.ok(named.length > 40, `${named.length} paths`);
  for (const path of named) await assert.doesNotReject(stat(join(ROOT, path)), path);
});

test("docs/architecture.md's table of dependencies lists those of package.json", async () => {
  const page = await read('docs/architecture.md');
  const section = page.split('\n## Dependencies\n')[1]?.split('\n## ')[0] ?? '';
  const cells = [...section.matchAll(/^\| (`[^|]+)\|/gm)].map(([, cell = '']) => cell);
  const listed = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
  const { dependencies } = JSON.parse(await read('package.json'));
  assert.deepEqual(listed.toSorted(), Object.keys(dependencies).sort());
});
