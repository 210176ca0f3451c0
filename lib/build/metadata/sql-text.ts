// Texts from outside in SQL. A `;` stands nowhere but at the end of a statement, so that a file may be cut there
// without knowing its grammar.
import { cautionsOf, type Described, titleOf } from './describe.ts';

/** Longest text in a comment of ours; LICENSE.txt has the whole. */
const LONGEST = 1000;

/** Unicode: control characters, line and paragraph separators, which some reader may take for the end of a line. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** One line without breaks, marks that open a text, or `;`, cut after `longest` characters. */
function oneLine(text: string, longest: number): string {
  const plain = text
    .toWellFormed()
    .replace(BREAKS, ' ')
    .replaceAll('"; "', 'a semicolon')
    .replaceAll(';', ',')
    .trim();
  const characters = [...plain];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : plain;
}

/** A line of comment. Quotes are made typographic: a reader that looks for texts must not find one begun. */
export const commentLine = (text: string): string =>
  `-- ${oneLine(text, LONGEST).replaceAll(/['`]/g, '’').replaceAll('"', '”')}`;

/** Standard SQL: a text between apostrophes, which are doubled within. */
export const sqlText = (text: string, longest = LONGEST): string =>
  `'${oneLine(text, longest).replaceAll("'", "''")}'`;

/** Hive: a text between apostrophes; the backslash escapes. */
export const hiveText = (text: string, longest = LONGEST): string =>
  `'${oneLine(text, longest).replaceAll(/['\\]/g, (mark) => `\\${mark}`)}'`;

/** What stands at the top of either file: title, terms, cautions. */
export function sqlHeader(described: Described, more: readonly string[]): string {
  const { dataset, release, licence, credit, contact, generator } = described;
  return [
    `${titleOf(described)}: dataset ${dataset}, release ${release}, made by ${generator.name} ${generator.version}.`,
    credit,
    `Licence: ${licence}`,
    ...(contact ? [`Contact: ${contact}`] : []),
    '',
    ...cautionsOf(described),
    '',
    ...more,
  ]
    .map((line) => (line === '' ? '--' : commentLine(line)))
    .join('\n');
}
