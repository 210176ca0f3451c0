// Tables and names in the documents are compared with the code that they describe.
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseEvent, refreshRequest, runInput } from '../../functions/events.ts';
import { createProgram } from '../../lib/cli/program.ts';
import { EXIT, processTerminal } from '../../lib/cli/terminal.ts';
import { viewsOf } from '../../lib/make/metadata/views.ts';
import { ROOT } from '../setting.ts';
import { columnsPage } from './columns.ts';
import { fenced } from './fenced.ts';

const read = (path: string): Promise<string> => readFile(join(ROOT, path), 'utf8');

test('docs/columns.md is what npm run docs makes from the schema', async () => {
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

test('docs/consume.md shows the example of a subscriber that a test runs', async () => {
  assert.ok(
    (await read('docs/consume.md')).includes(`\`\`\`ts\n${await read('test/functions/consumer.ts')}\`\`\``),
  );
});

/** A section of a page, from its title to the next title of the same or a higher level. */
async function sectionOf(page: string, title: string): Promise<string> {
  const text = await read(page);
  const [, section] = text.split(new RegExp(`^##+ ${title}\\n`, 'm'));
  assert.ok(section, `${page}: ${title}`);
  return section.split(/^## /m)[0] ?? '';
}

test('the AWS pages name only parameters and outputs that the stack has', async () => {
  const names = ['deploy', 'change', 'operate', 'undo', 'smoke'];
  const pages = (await Promise.all(names.map((name) => read(`docs/aws-${name}.md`)))).join('\n');
  const alarms = await sectionOf('docs/aws-operate.md', 'Alarms');
  const named = [...pages.matchAll(/--param ([a-z]\w+)=/g), ...alarms.matchAll(/`(\w+)(?:=\w+|: \w+)?`/g)];
  const parameters = (await read('infra/parameters.yml')).match(/^\w+(?=:)/gm) ?? [];
  const others = ['fetch', 'publish', 'refresh', 'notify', 'status', 'coverage'];
  for (const [, name = ''] of named) assert.ok([...parameters, ...others].includes(name), name);
  assert.ok(named.length > 6);
  const outputs =
    (await read('infra/outputs.yml')).match(/^ {2}\w+(?=:)/gm)?.map((name) => name.trim()) ?? [];
  const shown = [...pages.matchAll(/\$\(output (\w+)\)/g)];
  assert.ok(shown.length > 10);
  for (const [, output = ''] of shown) assert.ok(outputs.includes(output), output);
});

test("docs/aws-operate.md's table lists every alarm of the stack", async () => {
  const alarms = [
    ...(await read('infra/alarms.yml')).matchAll(/^ {2}(\w+):\n {4}Type: AWS::CloudWatch::Alarm/gm),
  ];
  const section = await sectionOf('docs/aws-operate.md', 'Alarms');
  const rows = section.match(/^\| .*$/gm)?.join('\n') ?? '';
  assert.equal(alarms.length, 12);
  for (const [, alarm = ''] of alarms) {
    const words = alarm
      .replace(/^\w+(?=Throttled)/, '')
      .replaceAll(/(?<=.)[A-Z]/g, ' $&')
      .toLowerCase();
    assert.ok(rows.includes(words), words);
  }
});

test('the refresh event and the input of a run that docs/aws-operate.md shows are accepted', async () => {
  const page = await read('docs/aws-operate.md');
  const [entries = ''] = /^\[\{"EventBusName".*\]$/m.exec(page) ?? [];
  const [{ Detail, DetailType }] = JSON.parse(entries);
  const event = {
    id: 'x',
    time: '2026-11-24T05:00:00Z',
    'detail-type': DetailType,
    detail: JSON.parse(Detail),
  };
  assert.ok(parseEvent('the request', event, refreshRequest));
  const input = JSON.parse(await fenced('docs/aws-operate.md', 'json'));
  assert.ok(parseEvent('the input', input, runInput));
});

test('every test that docs/promises.md names for a promise exists', async () => {
  const rows = (await read('docs/promises.md')).match(/^\| .*`test\/.*$/gm) ?? [];
  assert.ok(rows.length > 40, `${rows.length} promises`);
  for (const row of rows) {
    const cell = row.split(' | ').at(-1) ?? '';
    let source = '';
    for (const [, path, name] of cell.matchAll(/`(test\/[^`]*)`|"([^"]+)"/g)) {
      if (path?.endsWith('/')) assert.ok((await stat(join(ROOT, path))).isDirectory(), path);
      else if (path) source = await read(path);
      else assert.ok(source.includes(name ?? ''), name);
    }
  }
});

test("docs/cli.md's commands and options are those of the program", async () => {
  const page = await read('docs/cli.md');
  const { commands } = createProgram(processTerminal(), () => {});
  const documented = new Set(page.match(/--[a-z-]+/g));
  for (const command of commands) {
    assert.ok(page.includes(`| \`${command.name()}`), command.name());
    for (const { long } of command.options)
      assert.ok(documented.has(long ?? ''), `${command.name()} ${long}`);
  }
  const table = await sectionOf('docs/cli.md', 'Options of `export`');
  const inTable = [...table.matchAll(/^\| `(--[a-z-]+)/gm)].map(([, name]) => name);
  const ofExport = commands.find((command) => command.name() === 'export')?.options.map(({ long }) => long);
  assert.deepEqual(inTable, ofExport);
});

/** How the table writes a default that `--help` writes in another way. */
const DEFAULTS: Readonly<Record<string, string>> = { '--levels': '`0,1,2`', '--max-bytes': '64M' };

test("docs/cli.md's defaults of export are those of the program", async () => {
  const table = await sectionOf('docs/cli.md', 'Options of `export`');
  const { commands } = createProgram(processTerminal(), () => {});
  const options = commands.find((command) => command.name() === 'export')?.options ?? [];
  const withDefault = options.filter(
    ({ defaultValue }) => defaultValue !== undefined && defaultValue !== false,
  );
  assert.equal(withDefault.length, 9);
  for (const { long, defaultValue } of withDefault) {
    const cell = new RegExp(`^\\| \`${long}\` \\| ([^|]*) \\|`, 'm').exec(table)?.[1];
    assert.equal(cell?.replace(/^`(v\d)`$/, '$1'), DEFAULTS[long ?? ''] ?? String(defaultValue), long);
  }
});

test("docs/cli.md's exit statuses are those of the program", async () => {
  const table = await sectionOf('docs/cli.md', 'Exit status');
  const listed = [...table.matchAll(/^\| (\d) \|/gm)].map(([, status]) => Number(status));
  assert.deepEqual(listed, Object.values(EXIT).sort());
});

test("docs/cli.md's refusals are in the words of the program", async () => {
  const table = await sectionOf('docs/cli.md', 'When a run is refused or fails');
  const shown = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, reason = '']) => reason).slice(0, 4);
  const source = (await read('lib/run/checks/refusals.ts')) + (await read('lib/run/publish.ts'));
  assert.equal(shown.length, 4);
  for (const reason of shown)
    for (const words of reason.split(/\b[NMP]\b|\d|,|\.\.\./))
      assert.ok(source.includes(words.trim()), `${reason}: ${words}`);
});

test("docs/cli.md's limits of the loss checks are those of the program", async () => {
  const section = await sectionOf('docs/cli.md', 'When a run is refused or fails');
  const source = (await read('lib/make/quality/guards.ts')) + (await read('lib/catalogue/baseline.ts'));
  for (const [name, words] of [
    ['MAX_ROWS_LOST_PERCENT', 'more than N % of its rows'],
    ['MIN_ROWS_GAINED', 'at least N more'],
    ['RECENT_RELEASES', 'the last N releases'],
  ] as const) {
    const value = new RegExp(`^const ${name} = (\\d+);`, 'm').exec(source)?.[1];
    assert.ok(value && section.includes(words.replace('N', value)), name);
  }
});

test("docs/consume.md's table lists the views of the SQL files", async () => {
  const table = await sectionOf('docs/consume.md', 'Tables and views');
  const cells = [...table.matchAll(/^\| (`[^|]+)\|/gm)].map(([, cell = '']) => cell);
  const listed = cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name));
  assert.deepEqual(
    listed.sort(),
    viewsOf('v3', (table) => table)
      .map(({ name }) => name)
      .sort(),
  );
});

/** The variables that `lib/environment/proxy-variables.ts` reads, in both cases. */
const PROXIES = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'];

test("docs/configuration.md's variables are those that the configuration reads", async () => {
  const cells = [...(await read('docs/configuration.md')).matchAll(/^\| (`[^|]+)\|/gm)];
  const documented = cells.flatMap(([, cell]) => cell?.match(/\b[A-Z][A-Z_]+\b/g) ?? []).sort();
  const source = await read('lib/environment/configuration.ts');
  const used = [...new Set(source.match(/'DTM[A-Z_]+'/g))].map((quoted) => quoted.slice(1, -1));
  assert.deepEqual(documented, [...used, ...PROXIES].sort());
});
