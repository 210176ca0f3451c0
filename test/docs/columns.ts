// Makes `docs/columns.md` from the schema: `node test/docs/columns.ts` writes it, and a test compares it with the schema.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SCHEMA_VERSION, TABLES, tablesOf } from '../../lib/table/schema.ts';
import { ROOT } from '../setting.ts';

const PATH = join(ROOT, 'docs/columns.md');

const HXL =
  '[HXL](https://hxlstandard.org/) hashtags are here, in `schema.json`, in `datapackage.json` and on the first sheet of a workbook. No file has them as a second header line, because other readers would take that line for a row.';

/** The text of `docs/columns.md`. */
export function columnsPage(): string {
  const [v3, v2] = [tablesOf('v3'), tablesOf('v2')];
  const sections = TABLES.map((table) => {
    const inV2 = new Set(v2[table].columns.map(({ name }) => name));
    const rows = v3[table].columns.map(({ name, type, nullable, description, hxl }) => [
      `\`${name}\``,
      nullable ? `${type}, nullable` : type,
      inV2.has(name) ? 'v3, v2' : 'v3',
      hxl ? `\`${hxl}\`` : '',
      description,
    ]);
    const sorted = v3[table].sortBy.map((name) => `\`${name}\``).join(', ');
    return [
      `## \`${table}\``,
      v3[table].description,
      markdownTable([['column', 'type', 'in', 'HXL', 'what it says'], ...rows]),
      `Sorted by ${sorted}.`,
    ].join('\n\n');
  });
  const intro = `Schema version ${SCHEMA_VERSION}. This page is made from \`lib/table\`; \`npm run docs\` writes it anew.\n\n${HXL}`;
  return `# Tables and columns\n\n${intro}\n\n${sections.join('\n\n')}\n`;
}

function markdownTable(rows: readonly (readonly string[])[]): string {
  const [header = [], ...body] = rows;
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`;
  return [line(header), `|${'---|'.repeat(header.length)}`, ...body.map(line)].join('\n');
}

if (process.argv[1] === import.meta.filename) await writeFile(PATH, columnsPage());
