// Makes a file name of the API safe: it names a file in the folder, and nothing else, on every system.

const FALLBACK = 'hna_export.xlsx';
const MAX_BYTES = 150;
/** A longer name keeps its end only. */
const MAX_LENGTH = 500;

/** Names of devices on Windows, with any ending. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** The last part of the name, with letters, digits, spaces and `._-()` only. `hna_export.xlsx` if nothing is left of it. */
export function safeFileName(name: string | null): string {
  const text = name ?? '';
  const last = text.slice(Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\')) + 1).slice(-MAX_LENGTH);
  const plain = last
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N} ._()-]/gu, '_')
    .replace(/^[. ]+|[. ]+$/g, '');
  if (plain === '') return FALLBACK;
  const short = shorten(plain);
  return DEVICE.test(short) ? `_${short}` : short;
}

/** Cuts the name before its ending to 150 bytes in UTF-8. Systems allow 255. */
function shorten(name: string): string {
  const [ending = ''] = /\.[a-z\d]{1,10}$/i.exec(name) ?? [];
  let stem = [...name.slice(0, name.length - ending.length)];
  while (Buffer.byteLength(stem.join('') + ending) > MAX_BYTES) stem = stem.slice(0, -1);
  return stem.join('') + ending;
}
