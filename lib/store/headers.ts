// The HTTP headers of each object, in a bucket and in `serve`. Release data and the page's assets never change, so
// browsers keep them for a year (the name of an asset contains a hash of its content). A release may be withdrawn: shared
// caches keep its figures for a day at most, and its manifest is cached for minutes. Files that change (pointer, list,
// page, feed) are revalidated on every request.
import { isRunKey } from './key.ts';

/** Who may read the published files: everybody, or only the operator. */
export type Visibility = 'public' | 'private';

/** Header values. There is no `Content-Encoding`, so clients get the stored bytes and can check their hashes. */
export interface Headers {
  readonly contentType: string;
  readonly cacheControl: string;
  /** Null if a browser should show the object and not save it. */
  readonly contentDisposition: string | null;
}

/** Media types by file extension. */
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

/** One year: for objects that never change. */
const IMMUTABLE = 'max-age=31536000, immutable';
/** For figures, which may be withdrawn: one day in shared caches (RFC 9111: `s-maxage` overrules `max-age` there). */
const WITHDRAWABLE = 'max-age=31536000, s-maxage=86400, immutable';
/** A browser saves these files, under the object's name. */
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

/** RFC 6266: a quoted file name. Characters that would need an escape become `_`. */
function attachment(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1).replaceAll(/[^A-Za-z0-9._-]/g, '_');
  return `attachment; filename="${name}"`;
}

function cacheControl(key: string, visibility: Visibility): string {
  if (isRunKey(key)) return 'private, no-store';
  // `private` keeps an object out of shared caches.
  const figures = `${visibility}, ${visibility === 'public' ? WITHDRAWABLE : IMMUTABLE}`;
  if (key.startsWith('assets/picture-')) return figures;
  if (key.startsWith('assets/')) return `${visibility}, ${IMMUTABLE}`;
  if (!/^releases\/[^/]+\//.test(key)) return `${visibility}, no-cache`;
  if (/^releases\/[^/]+\/(manifest|withdrawn)\.json$/.test(key)) return `${visibility}, max-age=300`;
  return figures;
}
