// The styles of cells. A cell refers to its style by its index in the list of formats at the end.
import { MAIN_NAMESPACE, XML_HEAD } from './sheet-parts.ts';

/** Indexes into `FORMATS` below, which becomes `cellXfs`. */
export const STYLE = {
  ...{ plain: 0, header: 1, date: 2, quoted: 3, boolean: 4, figure: 5 },
  ...{ title: 6, banner: 7, heading: 8, text: 9, quotedText: 10, number: 11 },
};

/** ECMA-376: `#,##0` is built in with number 3; custom formats begin at 164. */
const [SEPARATED, DATE_FORMAT, BOOLEAN_FORMAT] = [3, 164, 165];

/** Without a format, LibreOffice shows a boolean as 1, or in the format of the cell above. */
const NUMBER_FORMATS = [
  `<numFmt numFmtId="${DATE_FORMAT}" formatCode="yyyy\\-mm\\-dd"/>`,
  `<numFmt numFmtId="${BOOLEAN_FORMAT}" formatCode="&quot;TRUE&quot;;&quot;TRUE&quot;;&quot;FALSE&quot;"/>`,
];

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

/** ECMA-376: the first two fills must be these. */
const FILLS = [
  '<patternFill patternType="none"/>',
  '<patternFill patternType="gray125"/>',
  solid('FF1F4E79'),
  solid('FFFFE5B4'),
];
const [NONE, , DARK, AMBER] = FILLS.keys();

const MIDDLE = '<alignment vertical="center"/>';
const WRAPPED = '<alignment vertical="top" wrapText="1"/>';
/** Wrapped, because a title wider than the page would shrink the whole printed sheet. */
const TITLE = '<alignment vertical="center" wrapText="1"/>';
const CENTRED = '<alignment horizontal="center"/>';
/** With an indent, so that a number does not touch the text of the next column. */
const APART = '<alignment horizontal="right" indent="1"/>';

/** Keeps a text as text when a user edits its cell. */
const QUOTED = ' quotePrefix="1"';

/** A format, in the order of `STYLE`. */
const format = (font = PLAIN, fill = NONE, { number = 0, more = '', inside = '' } = {}): string =>
  `<xf numFmtId="${number}" fontId="${font}" fillId="${fill}" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1"${more}>${inside}</xf>`;

const FORMATS = [
  format(),
  format(WHITE, DARK, { inside: MIDDLE }),
  format(PLAIN, NONE, { number: DATE_FORMAT, inside: CENTRED }),
  format(PLAIN, NONE, { more: QUOTED }),
  format(PLAIN, NONE, { number: BOOLEAN_FORMAT, inside: CENTRED }),
  format(PLAIN, NONE, { number: SEPARATED, inside: APART }),
  format(LARGE, NONE, { inside: TITLE }),
  format(RED, AMBER, { inside: MIDDLE }),
  format(BOLD, NONE, { inside: MIDDLE }),
  format(PLAIN, NONE, { inside: WRAPPED }),
  format(PLAIN, NONE, { more: QUOTED, inside: WRAPPED }),
  format(PLAIN, NONE, { inside: APART }),
];

const list = (name: string, items: readonly string[], each = ''): string => {
  const inside = items.map((item) => (each ? `<${each}>${item}</${each}>` : item)).join('');
  return `<${name} count="${items.length}">${inside}</${name}>`;
};

/** The XML part of the styles. */
export const stylesXml = (): string =>
  [
    `${XML_HEAD}<styleSheet xmlns="${MAIN_NAMESPACE}">`,
    list('numFmts', NUMBER_FORMATS),
    list('fonts', FONTS, 'font'),
    list('fills', FILLS, 'fill'),
    list('borders', ['<border><left/><right/><top/><bottom/><diagonal/></border>']),
    list('cellStyleXfs', ['<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>']),
    list('cellXfs', FORMATS),
    list('cellStyles', ['<cellStyle name="Normal" xfId="0" builtinId="0"/>']),
    '</styleSheet>',
  ].join('');
