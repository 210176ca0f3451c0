// Writes texts from outside into SQL files. `;` occurs only at the end of a statement, so that a file can be split there
// without a parser.
import { type MetadataInput, titleOf, usageWarnings } from './describe.ts';

/** Longer texts are truncated. LICENSE.txt has the whole licence. */
const MAX_TEXT_CHARACTERS = 1000;

/** Unicode: control characters, line and paragraph separators. A reader may take each of them for a line end. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** The text as one line without `;`, truncated to `maxCharacters`. */
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

/** A comment line. Its quotes become typographic, because some readers look for strings in comments, too. */
export const commentLine = (text: string): string =>
  `-- ${oneLine(text, MAX_TEXT_CHARACTERS).replaceAll(/['`]/g, '’').replaceAll('"', '”')}`;

/** Standard SQL: a string between apostrophes. Apostrophes in it are doubled. */
export const quoteSql = (text: string, maxCharacters = MAX_TEXT_CHARACTERS): string =>
  `'${oneLine(text, maxCharacters).replaceAll("'", "''")}'`;

/** Hive: a string between apostrophes. Apostrophes and backslashes in it are escaped by a backslash. */
export const quoteHive = (text: string, maxCharacters = MAX_TEXT_CHARACTERS): string =>
  `'${oneLine(text, maxCharacters).replaceAll(/['\\]/g, (mark) => `\\${mark}`)}'`;

/** The header of both SQL files: title, terms, usage warnings. */
export function sqlHeader(input: MetadataInput, more: readonly string[]): string {
  const { dataset, release, licence, credit, contact, generator } = input;
  return [
    `${titleOf(input)}: dataset ${dataset}, release ${release}, made by ${generator.name} ${generator.version}.`,
    credit,
    `Licence: ${licence}`,
    ...(contact ? [`Contact: ${contact}`] : []),
    '',
    ...usageWarnings(input),
    '',
    ...more,
  ]
    .map((line) => (line === '' ? '--' : commentLine(line)))
    .join('\n');
}
