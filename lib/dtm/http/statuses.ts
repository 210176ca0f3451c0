// Turns an HTTP status other than 200 into an error, with the messages of the server.
import { type HttpRequest, requestLabel } from '../api-request.ts';
import { KEY_HEADER } from '../endpoints.ts';
import { type DTMApiError, DTMApiRequestError, DTMAuthenticationError, DTMFirewallError } from '../errors.ts';
import { parseRetryAfter } from './retry.ts';
import type { Reply } from './transport.ts';

/** The error for a reply's status or content type. Undefined if it is a 200 in JSON. */
export function statusError(reply: Reply, request: HttpRequest): DTMApiError | undefined {
  const { status, headers } = reply;
  if (status === 200) return isJson(reply) ? undefined : contentTypeError(reply, request);
  if (status >= 300 && status < 400 && status !== 304) return redirectError(reply, request);
  const errorMessages = serverMessages(reply, request);
  const details = { url: request.url, status, errorMessages };
  const quoted = errorMessages.length > 0 ? `: ${errorMessages.join(' ')}` : '';

  // The gateway refused the key
  if (status === 401 || (status === 403 && isJson(reply))) {
    const advice = `check the key (header ${KEY_HEADER}) and that its product includes this API`;
    return new DTMAuthenticationError(
      `${requestLabel(request)}: the API refused the key (HTTP ${status})${quoted}; ${advice}`,
      details,
    );
  }

  // The firewall blocked the request
  if (status === 403) {
    const problem =
      'a firewall turned the request away (HTTP 403 that is not JSON) before the key was looked at';
    const advice = 'check the userAgent option and the address you call from';
    return new DTMFirewallError(`${requestLabel(request)}: ${problem}${quoted}; ${advice}`, {
      ...details,
      reason: 'status',
    });
  }

  // Any other status
  const retryAfter = parseRetryAfter(headers['retry-after'], new Date());
  const message = `${requestLabel(request)}: expected HTTP 200, got ${statusText(status)}${quoted}; ${advice(status)}`;
  return new DTMApiRequestError(message, { ...details, reason: 'status', retryAfter });
}

/** The status for a message. 304 gets its name, because its number alone would mislead. */
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

function contentTypeError(reply: Reply, request: HttpRequest): DTMApiError {
  const type = request.redact(reply.headers['content-type'] ?? 'none').slice(0, 80);
  const message = `${requestLabel(request)}: expected content type application/json, got ${type}; check the base URL, or try later`;
  return new DTMApiRequestError(message, { url: request.url, status: reply.status, reason: 'not-json' });
}

// A redirect is not followed: the key would be sent to the host that the response names.
function redirectError({ status, headers }: Reply, request: HttpRequest): DTMApiError {
  const { location } = headers;
  const target = location === undefined ? null : URL.parse(request.redact(location), request.url);
  const destination =
    target === null ? 'an unknown place' : `${target.origin}${target.pathname}`.slice(0, 200);
  const message = `${requestLabel(request)}: expected HTTP 200, got a redirect (${status}) to ${destination}; it is not followed, since the key must not travel: wrong host? check the base URL`;
  return new DTMApiRequestError(message, { url: request.url, status, reason: 'redirect' });
}

// API: errors of the gateway are {statusCode, message}. Errors of the API behind it are envelopes with errorMessages.
function serverMessages(reply: Reply, { redact }: HttpRequest): string[] {
  const bodyText = new TextDecoder().decode(reply.body);
  const { message, errorMessages } = Object(isJson(reply) ? parse(bodyText) : undefined) as Record<
    string,
    unknown
  >;
  const messages = Array.isArray(errorMessages) ? errorMessages : [message];
  return messages.filter((text) => typeof text === 'string').map((text) => redact(text).slice(0, 300));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
