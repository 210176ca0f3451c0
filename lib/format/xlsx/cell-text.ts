// Escapes text for spreadsheet cells. ECMA-376 Part 1, 22.9.2.19 (ST_Xstring) and [MS-OI29500] 2.1.1747: characters
// that XML forbids, and a carriage return, become `_xHHHH_`. An underscore that looks like the start of such a code
// becomes `_x005F_`.

/** Excel's limit for a cell, in UTF-16 units. */
export const MAX_CELL_CHARACTERS = 32_767;

/** XML 1.0 forbids these characters in a document; a parser turns a carriage return into a line feed. */
const ESCAPED = '\\u0000-\\u0008\\u000B-\\u001F\\uFFFE\\uFFFF';
const TO_ESCAPE = new RegExp(`[${ESCAPED}]|_(?=x[0-9A-Fa-f]{4}[_${ESCAPED}])`, 'g');

const MARKUP: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Escapes markup for an element or an attribute. The text must be well-formed Unicode. */
export const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (sign) => MARKUP[sign] as string);

/** Escapes the text of a cell, so that no character is lost. */
export const escapeCell = (text: string): string => escapeXml(text.replace(TO_ESCAPE, escapeUnit));

const escapeUnit = (unit: string): string =>
  `_x${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;

export const isTooLong = (text: string): boolean => text.length > MAX_CELL_CHARACTERS;

/** Returns the text if it fits into a cell. Otherwise cuts it and adds a note with its length. */
export function truncateCell(text: string): string {
  if (!isTooLong(text)) return text;
  const note = `... [cut here: ${text.length} characters]`;
  const kept = text.slice(0, MAX_CELL_CHARACTERS - note.length);
  // Do not cut a surrogate pair in half.
  return `${kept.isWellFormed() ? kept : kept.slice(0, -1)}${note}`;
}

/** True if Excel would read the text as a formula when a user edits the cell. */
export const looksLikeFormula = (text: string): boolean => /^[=+\-@]/.test(text);
