// What an HTTP status other than 200 means, and what the server said with it.

import { type ApiRequest, requestLabel } from '../api-request.ts';
import { KEY_HEADER } from '../endpoints.ts';
import { type DTMApiError, DTMApiRequestError, DTMAuthenticationError, DTMFirewallError } from '../errors.ts';
import { parseRetryAfter } from './retry.ts';
import type { Reply } from './transport.ts';

/** The error that a reply's status or content type stands for, or undefined if it is a 200 in JSON. */
export function statusError(reply: Reply, request: ApiRequest): DTMApiError | undefined {
  const { status, headers } = reply;
  if (status === 200) return isJson(reply) ? undefined : contentTypeError(reply, request);
  if (status >= 300 && status < 400 && status !== 304) return redirectError(reply, request);
  const errorMessages = serverMessages(reply, request);
  const details = { url: request.url, status, errorMessages };
  const said = errorMessages.length > 0 ? `: ${errorMessages.join(' ')}` : '';
  if (status === 401 || (status === 403 && isJson(reply))) {
    const advice = `check the key (header ${KEY_HEADER}) and that its product includes this API`;
    return new DTMAuthenticationError(
      `${requestLabel(request)}: the API refused the key (HTTP ${status})${said}; ${advice}`,
      details,
    );
  }
  if (status === 403) {
    const what =
      'a firewall turned the request away (HTTP 403 that is not JSON) before the key was looked at';
    const advice = 'check the userAgent option and the address you call from';
    return new DTMFirewallError(`${requestLabel(request)}: ${what}${said}; ${advice}`, {
      ...details,
      reason: 'status',
    });
  }
  const retryAfter = parseRetryAfter(headers['retry-after'], new Date());
  const message = `${requestLabel(request)}: expected HTTP 200, got ${statusText(status)}${said}; ${advice(status)}`;
  return new DTMApiRequestError(message, { ...details, reason: 'status', retryAfter });
}

/** A status whose number alone would mislead, with its name. */
const statusText = (status: number): string => (status === 304 ? '304 (not modified)' : String(status));

function advice(status: number): string {
  if (status === 304)
    return 'nothing but a whole answer was asked for: check what stands between here and the API';
  if (status === 404) return 'check the base URL and the API version';
  if (status === 429) return 'ask more slowly, with less concurrency';
  return status >= 500 ? 'the server is in trouble: try later' : 'check the query';
}

function isJson({ headers }: Reply): boolean {
  return /^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(headers['content-type'] ?? '');
}

function contentTypeError(reply: Reply, asked: ApiRequest): DTMApiError {
  const type = asked.redact(reply.headers['content-type'] ?? 'none').slice(0, 80);
  const message = `${requestLabel(asked)}: expected content type application/json, got ${type}; check the base URL, or try later`;
  return new DTMApiRequestError(message, { url: asked.url, status: reply.status, reason: 'not-json' });
}

// Following it would take the key to whatever host the answer names.
function redirectError({ status, headers }: Reply, asked: ApiRequest): DTMApiError {
  const { location } = headers;
  const target = location === undefined ? null : URL.parse(asked.redact(location), asked.url);
  const destination =
    target === null ? 'an unknown place' : `${target.origin}${target.pathname}`.slice(0, 200);
  const message = `${requestLabel(asked)}: expected HTTP 200, got a redirect (${status}) to ${destination}; it is not followed, since the key must not travel: wrong host? check the base URL`;
  return new DTMApiRequestError(message, { url: asked.url, status, reason: 'redirect' });
}

// API: the gateway's own errors are {statusCode, message}; behind it, an envelope has errorMessages.
function serverMessages(reply: Reply, { redact }: ApiRequest): string[] {
  const text = new TextDecoder().decode(reply.body);
  const { message, errorMessages } = Object(isJson(reply) ? parse(text) : undefined) as Record<
    string,
    unknown
  >;
  const words = Array.isArray(errorMessages) ? errorMessages : [message];
  return words.filter((word) => typeof word === 'string').map((word) => redact(word).slice(0, 300));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
