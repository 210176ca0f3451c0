// Difficult strings, which have broken programs elsewhere, and the columns in which tests use them.
import { FIELDS, ROW } from './api.ts';

const LONG = 65_536;

export const NASTY: readonly string[] = [
  ...[
    '"',
    '""',
    '"a"',
    "'",
    "''; DROP TABLE admin0; --",
    '`',
    '\\',
    '\\"',
    '\\N',
    '\\u0000',
    '%00',
    '$' + '{x}',
  ],
  ...[
    '\n',
    '\r',
    '\r\n',
    'a\nb',
    'a\rb',
    '"\n"',
    ',',
    ',,,',
    '\t',
    ' ',
    ' a ',
    '\u0000',
    'a\u0000b',
    '\u001a',
  ],
  ...['=cmd()', '=1+1', '+1', '-1', '@SUM(A1)', '=HYPERLINK("x")', '|calc'],
  ...['</script>', '<script>alert(1)</script>', '<!--', ']]>', '&amp;', '<a href="javascript:x">'],
  ...['../x', '../../../../etc/passwd', '/etc/passwd', 'C:\\x', 'a/b', '.', '..', '~', 'CON', 'country=AFG'],
  ...['null', 'NULL', 'nan', 'true', '1', '1.0', '1e3', '-0', '2024-01-01', '{}', '[]', 'undefined'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty'],
  ...['\u{1F600}', '\u{10FFFF}', '\uFFFF', '\uFFFD', '\uD7FF', '\uE000', 'a\uFEFF', 'e\u0301', '\u00e9'],
  ...['\u202Eabc', '\u2028', '\u2029', '\u0085', '\u007F', '\u001B[2J', '\u200B', 'نازحون', 'Переселенцы'],
  ...['x'.repeat(LONG), '"'.repeat(LONG), '\u{1F600}'.repeat(LONG / 4)],
  ...[`${'a'.repeat(63)}\u{1F600}`, `${'a'.repeat(62)}\u00e9\u00e9`, '\n'.repeat(100)],
];

/** Text fields, except the country's code, which must be the requested one. */
export const TEXTS = Object.values(FIELDS).filter(
  (field) => typeof ROW[field] === 'string' && field !== 'admin0Pcode' && field !== 'reportingDate',
);
