// What a GET of an object is to be answered with, by RFC 9110 (conditional and range requests), as buckets do it.
import type { ByteRange, ObjectMetadata } from '../store/store.ts';

/** The request's headers that matter, in Node's lower-case form. */
export interface ConditionalHeaders {
  readonly 'if-none-match'?: string | undefined;
  readonly 'if-modified-since'?: string | undefined;
  readonly 'if-range'?: string | undefined;
  readonly range?: string | undefined;
}

/** The status, and which bytes: all (200), a range (206), none since they are known (304) or do not exist (416). */
export type ConditionalResult =
  | { readonly status: 200 | 206; readonly start: number; readonly end: number }
  | { readonly status: 304 | 416 };

/** Decides by the request's conditions; more ranges than one, or what is no range, get the whole object. */
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

/** An etag as a header has it, in quotes. */
export function quoteEtag(etag: string): string {
  return /^(W\/)?"/.test(etag) ? etag : `"${etag}"`;
}

/** Says whether the asker has this version already. The etag decides; the time only where none is given. */
function isNotModified(conditions: ConditionalHeaders, entry: ObjectMetadata): boolean {
  const bare = (etag: string) => etag.trim().replace(/^W\//, '');
  const etags = conditions['if-none-match'];
  if (etags !== undefined) {
    return (
      etags.trim() === '*' ||
      etags
        .split(',')
        .map(bare)
        .includes(bare(quoteEtag(entry.etag)))
    );
  }
  return (
    Date.parse(conditions['if-modified-since'] ?? '') >= Math.floor(entry.modified.getTime() / 1000) * 1000
  );
}

/** Says whether `If-Range`, if given, names this very version. */
function isSameVersion(condition: string | undefined, entry: ObjectMetadata): boolean {
  if (condition === undefined) return true;
  const etag = quoteEtag(entry.etag);
  return (condition === etag && !etag.startsWith('W/')) || condition === entry.modified.toUTCString();
}

/** One range of bytes (`a-b`, `a-`, `-last`) with its end as asked, or null if the header is not that. */
function parseRange(range: string, size: number): ByteRange | null {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/i.exec(range.replaceAll(' ', '')) ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return null;
  if (from === '') return { start: Math.max(0, size - Number(to)), end: size - 1 };
  if (to === '') return { start: Number(from), end: size - 1 };
  return Number(from) > Number(to) ? null : { start: Number(from), end: Number(to) };
}
