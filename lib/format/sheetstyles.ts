// How cells look: a cell names its style by its place in the list of formats at the end.
import { MAIN_NAMESPACE, XML_HEAD } from './sheetparts.ts';

/** Places in `cellXfs` below. */
export const STYLE = { plain: 0, header: 1, date: 2, quoted: 3, title: 4, banner: 5, heading: 6, wrapped: 7 };

/** The first number of a format of one's own. */
const DATE_FORMAT = 164;

const FONTS = [
  '<sz val="11"/><name val="Calibri"/><family val="2"/>',
  '<b/><sz val="11"/><color rgb="FFFFFFFF"/><name val="Calibri"/><family val="2"/>',
  '<b/><sz val="16"/><name val="Calibri"/><family val="2"/>',
  '<b/><sz val="12"/><color rgb="FF7A0000"/><name val="Calibri"/><family val="2"/>',
  '<b/><sz val="12"/><name val="Calibri"/><family val="2"/>',
];
const [PLAIN, WHITE, LARGE, RED, BOLD] = FONTS.keys();

const solid = (colour: string): string =>
  `<patternFill patternType="solid"><fgColor rgb="${colour}"/><bgColor indexed="64"/></patternFill>`;

/** ECMA-376: the first two fills are fixed. */
const FILLS = [
  '<patternFill patternType="none"/>',
  '<patternFill patternType="gray125"/>',
  solid('FF1F4E79'),
  solid('FFFFE5B4'),
];
const [NONE, , DARK, AMBER] = FILLS.keys();

const TOP = '<alignment vertical="top"/>';

/** A format, in the order of `STYLE`. */
const format = (font = PLAIN, fill = NONE, { number = 0, more = '', inside = '' } = {}): string =>
  `<xf numFmtId="${number}" fontId="${font}" fillId="${fill}" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1"${more}>${inside}</xf>`;

const FORMATS = [
  format(PLAIN, NONE, { inside: TOP }),
  format(WHITE, DARK, { inside: TOP }),
  format(PLAIN, NONE, { number: DATE_FORMAT, inside: TOP }),
  // A text stays one when somebody edits its cell.
  format(PLAIN, NONE, { more: ' quotePrefix="1"', inside: TOP }),
  format(LARGE, NONE, { inside: TOP }),
  format(RED, AMBER, { inside: TOP }),
  format(BOLD, NONE, { inside: TOP }),
  format(PLAIN, NONE, { inside: '<alignment vertical="top" wrapText="1"/>' }),
];

const list = (name: string, items: readonly string[], each = ''): string => {
  const inside = items.map((item) => (each ? `<${each}>${item}</${each}>` : item)).join('');
  return `<${name} count="${items.length}">${inside}</${name}>`;
};

/** The part that holds them. */
export const stylesXml = (): string =>
  [
    `${XML_HEAD}<styleSheet xmlns="${MAIN_NAMESPACE}">`,
    list('numFmts', [`<numFmt numFmtId="${DATE_FORMAT}" formatCode="yyyy\\-mm\\-dd"/>`]),
    list('fonts', FONTS, 'font'),
    list('fills', FILLS, 'fill'),
    list('borders', ['<border><left/><right/><top/><bottom/><diagonal/></border>']),
    list('cellStyleXfs', ['<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>']),
    list('cellXfs', FORMATS),
    list('cellStyles', ['<cellStyle name="Normal" xfId="0" builtinId="0"/>']),
    '</styleSheet>',
  ].join('');
