// Counts the rows of a workbook's sheets in its XML, chunk by chunk.
import { inflate } from '../inflate.ts';
import { sheetPath } from './xlsx.ts';
import { readZipDirectory, type ZipFile } from './zip-directory.ts';

const WORKBOOK_PATH = 'xl/workbook.xml';
const ROW = Buffer.from('<row ');

/** Protects against zip bombs. A sheet of a million rows has some hundreds of MB. */
const MAX_SHEET_BYTES = 1 << 30;

/** The number of rows by sheet name; a header counts as a row. @throws {Error} if the bytes are no workbook */
export async function countXlsxRows(bytes: Uint8Array): Promise<Map<string, number>> {
  const files = new Map(readZipDirectory(bytes).map((file) => [file.path, file]));
  const fileAt = (path: string): ZipFile => files.get(path) ?? throwMissing(path);
  const index: Uint8Array[] = [];
  for await (const chunk of unzip(fileAt(WORKBOOK_PATH))) index.push(chunk);
  const names = [
    ...Buffer.concat(index)
      .toString('utf8')
      .matchAll(/<sheet name="([^"]*)"/g),
  ];
  const rows = new Map<string, number>();
  for (const [at, [, name = '']] of names.entries()) rows.set(name, await countRows(fileAt(sheetPath(at))));
  return rows;
}

const throwMissing = (path: string): never => {
  throw new Error(`no ${path} in it`);
};

const unzip = ({ deflated }: ZipFile): AsyncGenerator<Uint8Array> =>
  inflate(deflated, { isRaw: true, maxBytes: MAX_SHEET_BYTES });

async function countRows(sheet: ZipFile): Promise<number> {
  let rows = 0;
  // The end of a chunk, where a tag may begin that ends in the next one.
  let rest: Uint8Array = Buffer.alloc(0);
  for await (const chunk of unzip(sheet)) {
    const border = Buffer.concat([rest, chunk.subarray(0, ROW.length - 1)]);
    rows += countTags(border) + countTags(chunk);
    rest = Buffer.concat([rest, chunk.subarray(-ROW.length + 1)]).subarray(-ROW.length + 1);
  }
  return rows;
}

function countTags(xml: Uint8Array): number {
  const text = Buffer.from(xml.buffer, xml.byteOffset, xml.byteLength);
  let tags = 0;
  for (let at = text.indexOf(ROW); at >= 0; at = text.indexOf(ROW, at + ROW.length)) tags++;
  return tags;
}
