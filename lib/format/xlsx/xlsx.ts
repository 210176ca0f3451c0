// Writes an Excel workbook (ECMA-376, Office Open XML). The bytes depend only on the workbook: they contain no time and
// no version of a program.
import { escapeXml } from './cell-text.ts';
import { createSharedStrings, type SharedStrings } from './shared-strings.ts';
import { columnLetters, MAIN_NAMESPACE, XML_HEAD } from './sheet-parts.ts';
import { stylesXml } from './sheet-styles.ts';
import { type TableSheet, tableSheetXml } from './table-sheet.ts';
import { type TextSheet, textSheetXml } from './text-sheet.ts';
import { createZip } from './zip.ts';

export interface Workbook {
  readonly title: string;
  /** The author, also printed at the foot of every page. */
  readonly credit: string;
  /** The sheets in order. The workbook opens with the first one. */
  readonly sheets: readonly (TableSheet | TextSheet)[];
}

const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const CONTENT = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

export const sheetPath = (at: number): string => `xl/worksheets/sheet${at + 1}.xml`;

/** Writes a workbook. @throws {RangeError} if a sheet has more rows than Excel can hold */
export async function writeXlsx(workbook: Workbook): Promise<Uint8Array> {
  const texts = createSharedStrings();
  const sheets = workbook.sheets.map((sheet, at) => sheetXml(sheet, texts, frameOf(workbook, at)));
  return createZip([
    ['[Content_Types].xml', encoded(contentTypes(workbook))],
    ['_rels/.rels', encoded(relations(PACKAGE_PARTS))],
    ['docProps/core.xml', encoded(coreXml(workbook))],
    ['xl/workbook.xml', encoded(workbookXml(workbook))],
    ['xl/_rels/workbook.xml.rels', encoded(relations(workbookParts(workbook)))],
    ['xl/styles.xml', encoded(stylesXml())],
    ['xl/sharedStrings.xml', encoded(texts.xml())],
    ...sheets.map((xml, at): [string, Iterable<Uint8Array>] => [sheetPath(at), xml]),
  ]);
}

const encoded = (text: string): Uint8Array[] => [Buffer.from(text)];

const frameOf = ({ credit }: Workbook, at: number) => ({ selected: at === 0, footer: credit });

const sheetXml = (
  sheet: TableSheet | TextSheet,
  texts: SharedStrings,
  frame: ReturnType<typeof frameOf>,
): Iterable<Uint8Array> =>
  'lines' in sheet ? encoded(textSheetXml(sheet, texts, frame)) : tableSheetXml(sheet, texts, frame);

type Part = readonly [type: string, target: string];

const PACKAGE_PARTS: readonly Part[] = [
  [`${OFFICE}/relationships/officeDocument`, 'xl/workbook.xml'],
  [`${PACKAGE}/relationships/metadata/core-properties`, 'docProps/core.xml'],
];

const workbookParts = ({ sheets }: Workbook): Part[] => [
  ...sheets.map((_, at): Part => [`${OFFICE}/relationships/worksheet`, sheetPath(at).slice('xl/'.length)]),
  [`${OFFICE}/relationships/styles`, 'styles.xml'],
  [`${OFFICE}/relationships/sharedStrings`, 'sharedStrings.xml'],
];

function relations(parts: readonly Part[]): string {
  const each = parts.map(
    ([type, target], at) => `<Relationship Id="rId${at + 1}" Type="${type}" Target="${target}"/>`,
  );
  return `${XML_HEAD}<Relationships xmlns="${PACKAGE}/relationships">${each.join('')}</Relationships>`;
}

function contentTypes({ sheets }: Workbook): string {
  const parts = [
    ['xl/workbook.xml', `${CONTENT}.sheet.main+xml`],
    ['xl/styles.xml', `${CONTENT}.styles+xml`],
    ['xl/sharedStrings.xml', `${CONTENT}.sharedStrings+xml`],
    ['docProps/core.xml', 'application/vnd.openxmlformats-package.core-properties+xml'],
    ...sheets.map((_, at) => [sheetPath(at), `${CONTENT}.worksheet+xml`]),
  ];
  const each = parts.map(([path, type]) => `<Override PartName="/${path}" ContentType="${type}"/>`);
  return [
    `${XML_HEAD}<Types xmlns="${PACKAGE}/content-types">`,
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>',
    `<Default Extension="xml" ContentType="application/xml"/>${each.join('')}</Types>`,
  ].join('');
}

/** Title and author. A date would make the bytes depend on the clock. */
const coreXml = ({ title, credit }: Workbook): string =>
  [
    `${XML_HEAD}<cp:coreProperties xmlns:cp="${PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">`,
    `<dc:title>${escapeXml(title)}</dc:title><dc:creator>${escapeXml(credit)}</dc:creator></cp:coreProperties>`,
  ].join('');

/** The list of sheets, and the defined names that Excel needs for filters and for a header printed on every page. */
function workbookXml({ sheets }: Workbook): string {
  const sheetElements = sheets.map(
    ({ name }, at) => `<sheet name="${escapeXml(name)}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`,
  );
  const names = sheets.flatMap((sheet, at) => ('lines' in sheet ? [] : definedNames(sheet, at)));
  return [
    `${XML_HEAD}<workbook xmlns="${MAIN_NAMESPACE}" xmlns:r="${OFFICE}/relationships">`,
    `<bookViews><workbookView/></bookViews><sheets>${sheetElements.join('')}</sheets>`,
    names.length > 0 ? `<definedNames>${names.join('')}</definedNames>` : '',
    '</workbook>',
  ].join('');
}

function definedNames({ name, schema, columns }: TableSheet, at: number): string[] {
  const sheet = `'${escapeXml(name.replaceAll("'", "''"))}'`;
  const cells = `$A$1:$${columnLetters(schema.length - 1)}$${columns.length + 1}`;
  return [
    `<definedName name="_xlnm._FilterDatabase" localSheetId="${at}" hidden="1">${sheet}!${cells}</definedName>`,
    `<definedName name="_xlnm.Print_Titles" localSheetId="${at}">${sheet}!$1:$1</definedName>`,
  ];
}
