// Texts from outside in SQL. A `;` stands nowhere but at the end of a statement, so that a file may be cut there
// without knowing its grammar.
import { type MetadataInput, titleOf, usageWarnings } from './describe.ts';

/** Longest text in a comment of ours; LICENSE.txt has the whole. */
const MAX_TEXT_CHARACTERS = 1000;

/** Unicode: control characters, line and paragraph separators, which some reader may take for the end of a line. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** One line without breaks, marks that open a text, or `;`, cut after `longest` characters. */
function oneLine(text: string, maxCharacters: number): string {
  const plain = text
    .toWellFormed()
    .replace(BREAKS, ' ')
    .replaceAll('"; "', 'a semicolon')
    .replaceAll(';', ',')
    .trim();
  const characters = [...plain];
  return characters.length > maxCharacters ? `${characters.slice(0, maxCharacters - 1).join('')}…` : plain;
}

/** A line of comment. Quotes are made typographic: a reader that looks for texts must not find one begun. */
export const commentLine = (text: string): string =>
  `-- ${oneLine(text, MAX_TEXT_CHARACTERS).replaceAll(/['`]/g, '’').replaceAll('"', '”')}`;

/** Standard SQL: a text between apostrophes, which are doubled within. */
export const quoteSql = (text: string, maxCharacters = MAX_TEXT_CHARACTERS): string =>
  `'${oneLine(text, maxCharacters).replaceAll("'", "''")}'`;

/** Hive: a text between apostrophes; the backslash escapes. */
export const quoteHive = (text: string, maxCharacters = MAX_TEXT_CHARACTERS): string =>
  `'${oneLine(text, maxCharacters).replaceAll(/['\\]/g, (mark) => `\\${mark}`)}'`;

/** What stands at the top of either file: title, terms, cautions. */
export function sqlHeader(described: MetadataInput, more: readonly string[]): string {
  const { dataset, release, licence, credit, contact, generator } = described;
  return [
    `${titleOf(described)}: dataset ${dataset}, release ${release}, made by ${generator.name} ${generator.version}.`,
    credit,
    `Licence: ${licence}`,
    ...(contact ? [`Contact: ${contact}`] : []),
    '',
    ...usageWarnings(described),
    '',
    ...more,
  ]
    .map((line) => (line === '' ? '--' : commentLine(line)))
    .join('\n');
}
