// Reads a response and checks that it really comes from S3: a network's login page also has the status 200. Some
// S3-compatible servers do not send the length of an object.
import type {
  GetObjectCommandOutput,
  HeadObjectCommandOutput,
  ListObjectsV2CommandOutput,
} from '@aws-sdk/client-s3';
import type { ByteRange } from '../store.ts';
import { isWebPage, WEB_PAGE_MESSAGE } from '../web/login-page.ts';

/** No object of a dataset is as large as this. */
const MAX_OBJECT_BYTES = 2 ** 32;

/** The message for a response that is not in S3's format. */
export const NOT_S3_MESSAGE =
  'something else came than an answer of S3; check the network and AWS_ENDPOINT_URL';

/** The response cannot come from S3. It is not retried, because the next one would be the same. */
export class UnexpectedResponseError extends Error {
  override readonly name = 'UnexpectedResponseError';
}

/** Reads the body of a response. If the server ignored the range and sent all bytes, cuts out the range. */
export async function readBody(
  key: string,
  { Body, ContentLength, ContentRange, ContentType }: GetObjectCommandOutput,
  range?: ByteRange,
): Promise<Uint8Array> {
  const chunks = (Body ?? []) as AsyncIterable<Uint8Array>;
  const body =
    ContentLength === undefined ? await readToEnd(chunks) : await readExactly(ContentLength, chunks);
  if (isWebPage(key, ContentType, body)) throw new UnexpectedResponseError(WEB_PAGE_MESSAGE);
  if (!range || ContentRange !== undefined) return body;
  if (body.length <= range.start) throw new RangeError(`has no bytes ${range.start}-${range.end}`);
  return body.subarray(range.start, range.end + 1);
}

/** Reads into one array of the announced length, so that memory holds the bytes only once. */
async function readExactly(length: number, chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  if (length > MAX_OBJECT_BYTES)
    throw new UnexpectedResponseError(`the server announces ${length} bytes, more than can be read`);
  const body = new Uint8Array(length);
  let filled = 0;
  for await (const chunk of chunks) {
    if (filled + chunk.length > length)
      throw new UnexpectedResponseError(`more bytes came than the ${length} that the server announced`);
    body.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled < length) throw new Error(`ended after ${filled} of ${length} bytes`);
  return body;
}

async function readToEnd(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const collected: Uint8Array[] = [];
  for await (const chunk of chunks) collected.push(chunk);
  return new Uint8Array(Buffer.concat(collected));
}

/** @throws {UnexpectedResponseError} if the metadata of an object cannot come from S3 */
export function checkHead(key: string, { ContentLength, ContentType }: HeadObjectCommandOutput): void {
  if (isWebPage(key, ContentType)) throw new UnexpectedResponseError(WEB_PAGE_MESSAGE);
  if (ContentLength === undefined)
    throw new UnexpectedResponseError('the server does not say how large it is');
}

/**
 * Returns a page of a listing. Without this check, a response of another format would look like an empty listing.
 * @throws {UnexpectedResponseError} if the response is no listing
 */
export function checkListing(page: ListObjectsV2CommandOutput): ListObjectsV2CommandOutput {
  const { Name, IsTruncated, KeyCount, Contents, CommonPrefixes } = page;
  if ([Name, IsTruncated, KeyCount, Contents, CommonPrefixes].some((part) => part !== undefined)) return page;
  throw new UnexpectedResponseError(NOT_S3_MESSAGE);
}
