// Reads the directory of a zip file (APPNOTE.txt 4.3.12 and 4.3.16): where the compressed bytes of each file are. fflate
// has no such function: it decompresses in JavaScript, which takes six times as long as zlib.

/** A file in a zip. */
export interface ZipFile {
  readonly path: string;
  /** Raw deflate. */
  readonly deflated: Uint8Array;
}

const [END_RECORD, END_BYTES] = [0x06054b50, 22];
const [ENTRY_RECORD, ENTRY_BYTES] = [0x02014b50, 46];
const [LOCAL_RECORD, LOCAL_BYTES] = [0x04034b50, 30];
const DEFLATED = 8;

/** The files of a zip without a comment, in order. @throws {Error} if it is no such zip */
export function readZipDirectory(zip: Uint8Array): ZipFile[] {
  const bytes = Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = bytes.length - END_BYTES;
  checkRecord(bytes, end, END_RECORD);
  const files: ZipFile[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    checkRecord(bytes, at, ENTRY_RECORD);
    const [name, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    const path = bytes.toString('utf8', at + ENTRY_BYTES, at + ENTRY_BYTES + (name as number));
    if (bytes.readUInt16LE(at + 10) !== DEFLATED) throw new Error(`${path} in it is not deflated`);
    const start = contentStart(bytes, bytes.readUInt32LE(at + 42));
    files.push({ path, deflated: bytes.subarray(start, start + bytes.readUInt32LE(at + 20)) });
    at += ENTRY_BYTES + (name as number) + (extra as number) + (comment as number);
  }
  return files;
}

/** The content follows the name and the extra field of the local header. */
function contentStart(bytes: Buffer, header: number): number {
  checkRecord(bytes, header, LOCAL_RECORD);
  return header + LOCAL_BYTES + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
}

function checkRecord(bytes: Buffer, at: number, signature: number): void {
  if (at < 0 || bytes.readUInt32LE(at) !== signature) throw new Error('not a zip file');
}
