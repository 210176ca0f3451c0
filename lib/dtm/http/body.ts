// Reads the body of a response. Every wait ends when the signal is aborted, even if the stream hangs.
import type { IncomingMessage } from 'node:http';
import { type HttpRequest, requestLabel } from '../api-request.ts';
import { type DTMApiError, DTMApiRequestError, type RequestFailure } from '../errors.ts';
import { untilAborted } from './abort.ts';
import { isTooLarge, unpack, unpackSome } from './unpack.ts';

/** `body` is decompressed. `packed` is the gzip as received, null if the body was not compressed. */
export interface Body {
  readonly body: Uint8Array;
  readonly packed: Uint8Array | null;
}

/** The request of a body, and the limits for reading it. */
export interface ReadOptions {
  readonly request: HttpRequest;
  /** Largest body in bytes, after decompression. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

const MAX_ERROR_BYTES = 64 * 1024;

/**
 * Reads the whole body of an HTTP 200.
 * @throws {DTMApiRequestError} if it is too large, or if its encoding is neither gzip nor none
 */
export async function readAll(response: IncomingMessage, options: ReadOptions): Promise<Body> {
  const { request, maxBytes, signal } = options;
  const isPacked = isGzip(response, request);
  const tooLarge = () => {
    const problem = `expected at most ${maxBytes} bytes after decompression, got more`;
    return unusableError(request, 'too-large', `${problem}; ask for less, or raise maxBytes`);
  };
  const chunks: Buffer[] = [];
  await untilAborted(collect(response, maxBytes, chunks), signal);
  const sent = Buffer.concat(chunks);
  if (sent.length > maxBytes) throw tooLarge();
  if (!isPacked) return { body: sent, packed: null };
  try {
    return { body: unpack(sent, maxBytes), packed: sent };
  } catch (error) {
    throw isTooLarge(error) ? tooLarge() : error;
  }
}

/** Reads at most 64 KiB of an error response. A broken or endless body must not hide the HTTP status. */
export async function readErrorBody(response: IncomingMessage, signal: AbortSignal): Promise<Body> {
  const chunks: Buffer[] = [];
  try {
    await untilAborted(collect(response, MAX_ERROR_BYTES, chunks), signal);
  } catch {
    // The bytes so far are enough.
  }
  return { body: readable(response, Buffer.concat(chunks)).subarray(0, MAX_ERROR_BYTES), packed: null };
}

/** Reads to the end, or until there are more than `maxBytes` bytes. Then the connection is dropped. */
async function collect(response: IncomingMessage, maxBytes: number, into: Buffer[]): Promise<void> {
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    into.push(chunk);
    size += chunk.length;
    if (size > maxBytes) break;
  }
}

/** The readable part of an error body. Empty if its encoding is neither gzip nor none. */
function readable(response: IncomingMessage, sent: Uint8Array): Uint8Array {
  if (isGzipped(response)) return unpackSome(sent, MAX_ERROR_BYTES);
  return isPlain(response) ? sent : new Uint8Array();
}

const encodingOf = ({ headers }: IncomingMessage): string => headers['content-encoding'] ?? '';
// RFC 9110: x-gzip is another name for gzip. Some gateways send the header with an empty value.
const isGzipped = (response: IncomingMessage): boolean => /^\s*(x-)?gzip\s*$/i.test(encodingOf(response));
const isPlain = (response: IncomingMessage): boolean => /^\s*(identity)?\s*$/i.test(encodingOf(response));

function isGzip(response: IncomingMessage, request: HttpRequest): boolean {
  if (isGzipped(response)) return true;
  if (isPlain(response)) return false;
  response.destroy();
  const got = request.redact(encodingOf(response)).slice(0, 40);
  throw unusableError(request, 'encoding', `expected content encoding gzip or none, got ${got}`);
}

function unusableError(request: HttpRequest, reason: RequestFailure, problem: string): DTMApiError {
  return new DTMApiRequestError(`${requestLabel(request)}: ${problem}`, {
    url: request.url,
    status: 200,
    reason,
  });
}
