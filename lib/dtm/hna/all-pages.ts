// Collects the rows of all pages. The result is whole or an error: never the first part of it.
import { createHash } from 'node:crypto';
import { shapeError } from '../answers/shape-error.ts';
import { requestLabel } from '../api-request.ts';
import { DTMApiRequestError } from '../errors.ts';
import type { HnaRequest } from './hna-request.ts';
import type { HnaRows } from './read-rows.ts';
import type { HnaRecord } from './records.ts';

/** One page, with what it took to get it. */
export interface FetchedPage extends HnaRows {
  readonly request: HnaRequest;
  /** Size of the answer after decompression. */
  readonly bytes: number;
}

/** The bounds of all pages together. */
export interface PageBounds {
  readonly maxPages: number;
  readonly maxBytes: number;
}

/**
 * Asks for page 1, 2, ... until the API says that there is no next page. If it says nothing, until a page is empty.
 * @throws {DTMApiRequestError} with the reason `too-large` if there are more pages or bytes than the bounds
 * @throws {DTMAnswerShapeError} if a page has the rows of an earlier one
 */
export async function collectPages(
  fetchPage: (page: number) => Promise<FetchedPage>,
  { maxPages, maxBytes }: PageBounds,
): Promise<HnaRecord[]> {
  const pages: HnaRecord[][] = [];
  const seen = new Map<string, number>();
  let bytes = 0;
  for (let number = 1; ; number++) {
    const page = await fetchPage(number);
    bytes += page.bytes;
    checkNew(page, number, seen);
    pages.push(page.rows);
    if (bytes > maxBytes) throw tooLarge(page.request, `at most ${maxBytes} bytes in all pages`, 'maxBytes');
    if (!mayHaveNext(page)) return pages.flat();
    if (number === maxPages) throw tooLarge(page.request, `at most ${maxPages} pages`, 'maxPages');
  }
}

const mayHaveNext = ({ hasNextPage, rows }: HnaRows): boolean => hasNextPage ?? rows.length > 0;

/** A service that ignores the page number would send the same rows again and again. */
function checkNew({ rows, request }: FetchedPage, number: number, seen: Map<string, number>): void {
  if (rows.length === 0) return;
  const hash = createHash('sha256');
  for (const row of rows) hash.update(JSON.stringify(row));
  const digest = hash.digest('base64');
  const earlier = seen.get(digest);
  if (earlier !== undefined)
    throw shapeError(request, {
      ...{ path: undefined, field: undefined },
      ...{ expected: 'other rows than on the pages before', received: `the rows of page ${earlier} again` },
    });
  seen.set(digest, number);
}

function tooLarge(request: HnaRequest, expected: string, option: string): DTMApiRequestError {
  const message = `${requestLabel(request)}: expected ${expected}, got more; nothing is returned: raise ${option}, or ask for one population group`;
  return new DTMApiRequestError(message, { url: request.url, status: 200, reason: 'too-large' });
}
