// What came of S3, if it is S3 that answered: a network's login page comes with 200, too, and some servers of the kind leave
// out how long an object is.
import type {
  GetObjectCommandOutput,
  HeadObjectCommandOutput,
  ListObjectsV2CommandOutput,
} from '@aws-sdk/client-s3';
import type { ByteRange } from '../store.ts';
import { isWebPage, PAGE_CAME } from '../web/login-page.ts';

/** More bytes than any object of a dataset has. */
const MOST = 2 ** 32;

/** What is said when an answer is not in S3's words. */
export const NOT_S3 = 'something else came than an answer of S3; check the network and AWS_ENDPOINT_URL';

/** Something else came than S3 sends; asking again brings the same. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
}

/** The bytes of an answer; those of the range if a server ignores that one was asked for. */
export async function bodyOf(
  key: string,
  { Body, ContentLength, ContentRange, ContentType }: GetObjectCommandOutput,
  range?: ByteRange,
): Promise<Uint8Array> {
  const chunks = (Body ?? []) as AsyncIterable<Uint8Array>;
  const body = ContentLength === undefined ? await allOf(chunks) : await exactly(ContentLength, chunks);
  if (isWebPage(key, ContentType, body)) throw new UnexpectedAnswer(PAGE_CAME);
  if (!range || ContentRange !== undefined) return body;
  if (body.length <= range.start) throw new RangeError(`has no bytes ${range.start}-${range.end}`);
  return body.subarray(range.start, range.end + 1);
}

/** Reads into one array of the announced length: nothing is held twice. */
async function exactly(length: number, chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  if (length > MOST)
    throw new UnexpectedAnswer(`the server announces ${length} bytes, more than can be read`);
  const body = new Uint8Array(length);
  let filled = 0;
  for await (const chunk of chunks) {
    if (filled + chunk.length > length)
      throw new UnexpectedAnswer(`more bytes came than the ${length} that the server announced`);
    body.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled < length) throw new Error(`ended after ${filled} of ${length} bytes`);
  return body;
}

async function allOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const held: Uint8Array[] = [];
  for await (const chunk of chunks) held.push(chunk);
  return new Uint8Array(Buffer.concat(held));
}

/** @throws {UnexpectedAnswer} if what was told of an object is not what S3 tells */
export function checkHead(key: string, { ContentLength, ContentType }: HeadObjectCommandOutput): void {
  if (isWebPage(key, ContentType)) throw new UnexpectedAnswer(PAGE_CAME);
  if (ContentLength === undefined) throw new UnexpectedAnswer('the server does not say how large it is');
}

/** Hands on a page of a listing; what is none would pass for an empty one. @throws {UnexpectedAnswer} */
export function checkListing(page: ListObjectsV2CommandOutput): ListObjectsV2CommandOutput {
  const { Name, IsTruncated, KeyCount, Contents, CommonPrefixes } = page;
  if ([Name, IsTruncated, KeyCount, Contents, CommonPrefixes].some((part) => part !== undefined)) return page;
  throw new UnexpectedAnswer(NOT_S3);
}
