// What an object is served as, by a bucket and by `serve`. Release data and the page's assets, whose names are hashes of
// their content, never change and may be kept for a year; a
// release's record is renewed in minutes, since it may be withdrawn; everything that moves is asked for every time.
import { isRunKey } from './key.ts';

/** Whether what is published is for everybody or for its operator alone. */
export type Visibility = 'public' | 'private';

/** The values of the headers of these names; never a `Content-Encoding`, so that bytes and hashes stay as written. */
export interface Headers {
  readonly contentType: string;
  readonly cacheControl: string;
  /** Null where a browser is to show the object, not to save it. */
  readonly contentDisposition: string | null;
}

/** By what a name ends in. */
const TYPES: Readonly<Record<string, string>> = {
  gz: 'application/gzip',
  parquet: 'application/vnd.apache.parquet',
  arrow: 'application/vnd.apache.arrow.file',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  json: 'application/json',
  xml: 'application/atom+xml',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
  wasm: 'application/wasm',
  sql: 'application/sql; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  SHA256SUMS: 'text/plain; charset=utf-8',
};

/** A year: for what never changes under its name. */
const IMMUTABLE = 'max-age=31536000, immutable';
/** What a browser saves under the object's own name. */
const DOWNLOAD_EXTENSIONS = ['gz', 'parquet', 'arrow', 'xlsx'];

/** The headers of the object with this key. */
export function headersFor(key: string, visibility: Visibility): Headers {
  const extension = key.slice(key.search(/[^./]*$/));
  const contentType = Object.hasOwn(TYPES, extension) ? TYPES[extension] : undefined;
  return {
    contentType: contentType ?? 'application/octet-stream',
    cacheControl: cacheControl(key, visibility),
    contentDisposition: DOWNLOAD_EXTENSIONS.includes(extension) ? attachment(key) : null,
  };
}

/** RFC 6266: a name in quotes, here of those characters alone that need no escape. */
function attachment(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1).replaceAll(/[^A-Za-z0-9._-]/g, '_');
  return `attachment; filename="${name}"`;
}

function cacheControl(key: string, visibility: Visibility): string {
  if (isRunKey(key)) return 'private, no-store';
  if (key.startsWith('assets/')) return `${visibility}, ${IMMUTABLE}`;
  if (!/^releases\/[^/]+\//.test(key)) return `${visibility}, no-cache`;
  if (/^releases\/[^/]+\/(manifest|withdrawn)\.json$/.test(key)) return `${visibility}, max-age=300`;
  return `${visibility}, ${IMMUTABLE}`;
}
