// Parses the body's bytes as JSON. It accepts a byte order mark (RFC 8259 allows that) and rejects broken UTF-8.
import { type HttpRequest, requestLabel } from '../api-request.ts';
import { DTMApiRequestError, type ErrorDetails, type RequestFailure } from '../errors.ts';

/** @throws {DTMApiRequestError} if the body is not JSON in UTF-8 (retryable) */
export function parseJson(request: HttpRequest, body: Uint8Array): unknown {
  try {
    return JSON.parse(decode(request, body));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // V8's message quotes a few characters of the body, which may be part of a key. So only the position is used.
    const position = /at position \d+/.exec(error.message)?.[0] ?? `within ${body.length} bytes`;
    throw notJsonError(
      request,
      `the body is not JSON (${position}: cut short, or not the API that answered)`,
    );
  }
}

function decode(request: HttpRequest, body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw notJsonError(request, 'the body is not UTF-8', cause);
  }
}

function notJsonError(request: HttpRequest, problem: string, cause?: unknown): DTMApiRequestError {
  const details: ErrorDetails & { reason: RequestFailure } = {
    url: request.url,
    status: 200,
    reason: 'not-json',
    cause,
  };
  return new DTMApiRequestError(
    `${requestLabel(request)}: ${problem}; ask again, or check the base URL`,
    details,
  );
}
