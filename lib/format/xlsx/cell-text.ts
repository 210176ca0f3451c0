// Text as a spreadsheet's cell holds it. ECMA-376 Part 1, 22.9.2.19 (ST_Xstring) and [MS-OI29500] 2.1.1747: what XML
// forbids, and a carriage return, is `_xHHHH_`; an underscore that would be read as the beginning of one is `_x005F_`.

/** Excel's limits: UTF-16 units in a cell. */
export const MAX_CELL_CHARACTERS = 32_767;

/** XML 1.0: none of these may stand in a document, and a parser makes a line feed of a carriage return. */
const ESCAPED = '\\u0000-\\u0008\\u000B-\\u001F\\uFFFE\\uFFFF';
const TO_ESCAPE = new RegExp(`[${ESCAPED}]|_(?=x[0-9A-Fa-f]{4}[_${ESCAPED}])`, 'g');

const MARKUP: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text of any well-formed Unicode for an element or an attribute. */
export const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (sign) => MARKUP[sign] as string);

/** Text of a cell, every character of it. */
export const escapeCell = (text: string): string => escapeXml(text.replace(TO_ESCAPE, escapeUnit));

const escapeUnit = (unit: string): string =>
  `_x${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;

export const isTooLong = (text: string): boolean => text.length > MAX_CELL_CHARACTERS;

/** The text if a cell can hold it, else as much of its beginning as fits with a note of how long it is. */
export function truncateCell(text: string): string {
  if (!isTooLong(text)) return text;
  const note = `... [cut here: ${text.length} characters]`;
  const kept = text.slice(0, MAX_CELL_CHARACTERS - note.length);
  // Half a character is none.
  return `${kept.isWellFormed() ? kept : kept.slice(0, -1)}${note}`;
}

/** Whether Excel, asked to edit the cell, would take the text for a formula. */
export const looksLikeFormula = (text: string): boolean => /^[=+\-@]/.test(text);
