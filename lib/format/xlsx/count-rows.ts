// Counts the rows of a workbook's sheets in its XML.
import { sheetPath } from './xlsx.ts';
import { readZip } from './zip.ts';

const WORKBOOK_PATH = 'xl/workbook.xml';
const ROW = Buffer.from('<row ');

/** The number of rows by sheet name; a header counts as a row. @throws {Error} if the bytes are no workbook */
export function countXlsxRows(bytes: Uint8Array): Map<string, number> {
  const index = readZip(bytes, (path) => path === WORKBOOK_PATH)[WORKBOOK_PATH];
  if (!index) throw new Error(`no ${WORKBOOK_PATH} in it`);
  const names = [
    ...Buffer.from(index)
      .toString('utf8')
      .matchAll(/<sheet name="([^"]*)"/g),
  ];
  const paths = names.map((_, at) => sheetPath(at));
  const sheets = readZip(bytes, (path) => paths.includes(path));
  return new Map(
    names.map(([, name = ''], at) => [name, countRows(sheets[paths[at] as string] ?? throwMissing(name))]),
  );
}

const throwMissing = (sheet: string): never => {
  throw new Error(`no sheet ${sheet} in it`);
};

function countRows(sheet: Uint8Array): number {
  const text = Buffer.from(sheet.buffer, sheet.byteOffset, sheet.byteLength);
  let rows = 0;
  for (let at = text.indexOf(ROW); at >= 0; at = text.indexOf(ROW, at + ROW.length)) rows++;
  return rows;
}
