// Decides which status and which bytes a GET gets, by RFC 9110 (conditional and range requests), as S3 does.
import type { ByteRange, ObjectMetadata } from '../store/store.ts';

/** The request headers that are used, in lower case as Node gives them. */
export interface ConditionalHeaders {
  readonly 'if-none-match'?: string | undefined;
  readonly 'if-modified-since'?: string | undefined;
  readonly 'if-range'?: string | undefined;
  readonly range?: string | undefined;
}

/** The status and its bytes: all (200), a range (206), none because not modified (304) or out of range (416). */
export type ConditionalResult =
  | { readonly status: 200 | 206; readonly start: number; readonly end: number }
  | { readonly status: 304 | 416 };

/** Evaluates the conditions of a request. Several ranges, or an invalid range, get the whole object. */
export function evaluateConditions(conditions: ConditionalHeaders, entry: ObjectMetadata): ConditionalResult {
  if (isNotModified(conditions, entry)) return { status: 304 };
  const whole = { status: 200, start: 0, end: entry.bytes - 1 } as const;
  const { range } = conditions;
  if (range === undefined || !isSameVersion(conditions['if-range'], entry)) return whole;
  const requested = parseRange(range, entry.bytes);
  if (requested === null) return whole;
  if (requested.start >= entry.bytes || requested.end < requested.start) return { status: 416 };
  return { status: 206, start: requested.start, end: Math.min(requested.end, entry.bytes - 1) };
}

/** Puts an etag in quotes, as headers have it. */
export function quoteEtag(etag: string): string {
  return /^(W\/)?"/.test(etag) ? etag : `"${etag}"`;
}

/** Whether the client already has this version. The time is used only if the request has no etag. */
function isNotModified(conditions: ConditionalHeaders, entry: ObjectMetadata): boolean {
  const withoutWeak = (etag: string) => etag.trim().replace(/^W\//, '');
  const etags = conditions['if-none-match'];
  if (etags !== undefined) {
    return (
      etags.trim() === '*' ||
      etags
        .split(',')
        .map(withoutWeak)
        .includes(withoutWeak(quoteEtag(entry.etag)))
    );
  }
  return (
    Date.parse(conditions['if-modified-since'] ?? '') >= Math.floor(entry.modified.getTime() / 1000) * 1000
  );
}

/** Whether `If-Range` names this version. True without that header. */
function isSameVersion(condition: string | undefined, entry: ObjectMetadata): boolean {
  if (condition === undefined) return true;
  const etag = quoteEtag(entry.etag);
  return (condition === etag && !etag.startsWith('W/')) || condition === entry.modified.toUTCString();
}

/** Parses one byte range (`a-b`, `a-`, `-last`). The end may lie past the object. Null for any other header. */
function parseRange(range: string, size: number): ByteRange | null {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/i.exec(range.replaceAll(' ', '')) ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return null;
  if (from === '') return { start: Math.max(0, size - Number(to)), end: size - 1 };
  if (to === '') return { start: Number(from), end: size - 1 };
  return Number(from) > Number(to) ? null : { start: Number(from), end: Number(to) };
}
