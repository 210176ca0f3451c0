// From a response's stream to the bytes of its body. Every wait in here ends when the signal is aborted, whatever the stream does.

import type { IncomingMessage } from 'node:http';
import { type ApiRequest, requestLabel } from '../api-request.ts';
import { type DTMApiError, DTMApiRequestError, type RequestFailure } from '../errors.ts';
import { untilAborted } from './abort.ts';
import { isTooLarge, unpack, unpackSome } from './unpack.ts';

/** A body as text's bytes, and the gzip in which it came, null if it came plain. */
export interface Body {
  readonly body: Uint8Array;
  readonly packed: Uint8Array | null;
}

/** For what a body is read, and how far. */
export interface ReadOptions {
  readonly request: ApiRequest;
  /** Largest body after decompression. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

const MAX_ERROR_BYTES = 64 * 1024;

/**
 * The whole body of a good answer.
 * @throws {DTMApiRequestError} if it is too large, or in an encoding that nobody asked for
 */
export async function readAll(response: IncomingMessage, options: ReadOptions): Promise<Body> {
  const { request, maxBytes, signal } = options;
  const isPacked = isGzip(response, request);
  const tooLarge = () => {
    const what = `expected at most ${maxBytes} bytes after decompression, got more`;
    return unusableError(request, 'too-large', `${what}; ask for less, or raise maxBytes`);
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

/** The first 64 KiB of a body that comes with an error: broken, endless or late, it must not hide the status. */
export async function readErrorBody(response: IncomingMessage, signal: AbortSignal): Promise<Body> {
  const chunks: Buffer[] = [];
  try {
    await untilAborted(collect(response, MAX_ERROR_BYTES, chunks), signal);
  } catch {
    // Keep what there is.
  }
  return { body: readable(response, Buffer.concat(chunks)).subarray(0, MAX_ERROR_BYTES), packed: null };
}

/** Reads on until the end, or until there is more than `most`: then the connection is dropped. */
async function collect(response: IncomingMessage, maxBytes: number, into: Buffer[]): Promise<void> {
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    into.push(chunk);
    size += chunk.length;
    if (size > maxBytes) break;
  }
}

/** What can be read of a body; nothing of one in an encoding that nobody asked for. */
function readable(response: IncomingMessage, sent: Uint8Array): Uint8Array {
  if (isGzipped(response)) return unpackSome(sent, MAX_ERROR_BYTES);
  return isPlain(response) ? sent : new Uint8Array();
}

const encodingOf = ({ headers }: IncomingMessage): string => headers['content-encoding'] ?? '';
// RFC 9110: x-gzip is another name of gzip. Some gateways leave the header there, and empty.
const isGzipped = (response: IncomingMessage): boolean => /^\s*(x-)?gzip\s*$/i.test(encodingOf(response));
const isPlain = (response: IncomingMessage): boolean => /^\s*(identity)?\s*$/i.test(encodingOf(response));

function isGzip(response: IncomingMessage, asked: ApiRequest): boolean {
  if (isGzipped(response)) return true;
  if (isPlain(response)) return false;
  response.destroy();
  const got = asked.redact(encodingOf(response)).slice(0, 40);
  throw unusableError(asked, 'encoding', `expected content encoding gzip or none, got ${got}`);
}

function unusableError(asked: ApiRequest, reason: RequestFailure, what: string): DTMApiError {
  return new DTMApiRequestError(`${requestLabel(asked)}: ${what}`, { url: asked.url, status: 200, reason });
}
