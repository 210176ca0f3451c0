// Makes `docs/readers.md` from the readers' suite: `node test/docs/readers.ts` writes it, and a test compares it with the suite.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { READERS, type Reader } from '../interop/readers/entries.ts';
import { ROOT } from '../setting.ts';

const PATH = join(ROOT, 'docs/readers.md');
const INTEROP = join(ROOT, 'test/interop');

const INTRO = `Each of these tools reads a full world of 221,134 rows and a world of hostile names. \`npm run test:interop\` compares the result with the API's raw answers.
The lines below are those that the suite runs. \`path\` is a file such as \`csv/admin1.csv.gz\` or \`tables/admin1/admin1.parquet\`; for files by country it is a folder such as \`parquet/admin2\`.
This page is made from \`test/interop/readers\`; \`npm run docs\` writes it anew.

- Read \`parquet/<table>\`, never \`parquet/\`: the tables have different columns.
- CSV has the names as IOM sent them, also names that look like formulas: do not open a CSV file that you do not trust in a spreadsheet.
- Text in CSV is always quoted. Nothing between two commas is a missing value, \`""\` is an empty text. Few tools see the difference.
- To copy a dataset, use \`npx dtm-exporter download\`, which checks every file. Or use \`wget\`, \`curl\` or \`rclone\` with the paths in \`manifest.json\`, and then \`sha256sum -c SHA256SUMS\`.
- A notebook in the browser can read a private dataset on your own machine through \`npx dtm-exporter serve\`, if its page comes from that machine too.`;

/** The text of `docs/readers.md`. */
export async function readersPage(): Promise<string> {
  const sections = await Promise.all(READERS.map(section));
  return [`# Readers`, INTRO, await overview(), ...sections].join('\n\n').concat('\n');
}

/** The table of all readers; the sections below it have the lines to use. */
async function overview(): Promise<string> {
  const rows = await Promise.all(
    READERS.map(async (reader) => {
      const { name, forms, notes } = reader;
      return `| ${name} | ${await versionOf(reader)} | ${forms.join(', ')} | ${notes} |`;
    }),
  );
  return ['| tool | version tried | reads | what to know |', '|---|---|---|---|', ...rows].join('\n');
}

async function section(reader: Reader): Promise<string> {
  const version = await versionOf(reader);
  const lines = reader.lines ?? (await shownLines(reader.script));
  const allowances = reader.allowances.map(
    ({ forms, reason, types }) =>
      `- ${forms.join(', ')}: ${reason}${types ? ` (${Object.keys(types).join(', ')} of another type)` : ''}.`,
  );
  return [
    `## ${reader.name}${version ? ` ${version}` : ''}`,
    ['```', ...lines, '```'].join('\n'),
    ...(allowances.length ? [allowances.join('\n')] : []),
  ].join('\n\n');
}

async function versionOf(reader: Reader): Promise<string> {
  if (reader.debian) return '(of Debian)';
  if (!reader.requirements) return `${await pinned(reader.name)} of npm`;
  const pins = await readFile(join(INTEROP, reader.requirements), 'utf8');
  const pin = pins.split('\n').find((line) => line.startsWith(`${reader.package}==`));
  if (!pin) throw new Error(`${reader.requirements} does not pin ${reader.package}`);
  return pin.split('==')[1] as string;
}

/** The version of a package that the project's package.json pins. */
async function pinned(name: string): Promise<string> {
  const { dependencies, devDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  return { ...dependencies, ...devDependencies }[name];
}

/** The lines of a script that end in the comment `shown`, without it and without `return`, each once. */
async function shownLines(script: string): Promise<string[]> {
  const lines = (await readFile(join(INTEROP, 'readers', script), 'utf8')).split('\n');
  const marked = lines.filter((line) => / *(#|\/\/) shown$/.test(line));
  if (marked.length === 0) throw new Error(`${script} marks no line as shown`);
  return [
    ...new Set(marked.map((line) => line.replace(/ +(#|\/\/) shown$/, '').replace(/^ *(return )?/, ''))),
  ];
}

if (process.argv[1] === import.meta.filename) await writeFile(PATH, await readersPage());
