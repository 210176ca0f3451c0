// The replies that replace an answer: errors of the request, of the gateway, and of faults.
import { API_MESSAGES, gatewayError, page, refusal } from './envelope.ts';
import type { Fault } from './faults.ts';
import { failedTask } from './hna/levels.ts';

/** An HTTP response before it is sent. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const bytes = (text: string) => new TextEncoder().encode(text);

/** A JSON reply. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return jsonBytes(status, bytes(JSON.stringify(value)), headers);
}

/** A JSON reply from bytes that are JSON already. */
export function jsonBytes(
  status: number,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return { status, headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers }, body };
}

function html(status: number, title: string, text: string): Reply {
  return { status, headers: { 'Content-Type': 'text/html' }, body: bytes(page(title, text)) };
}

/** API: the 401 of the gateway for a missing or wrong key. */
export function unauthorised(hasKey: boolean): Reply {
  const challenge =
    'AzureApiManagementKey realm="displacement",name="Ocp-Apim-Subscription-Key",type="header"';
  const text = hasKey ? API_MESSAGES.badKey : API_MESSAGES.noKey;
  return json(401, gatewayError(401, text), { 'WWW-Authenticate': challenge });
}

/** API: the 404 of a path that does not exist. */
export const notFound = (): Reply => json(404, gatewayError(404, API_MESSAGES.notFound));

/** API: the page of the web application firewall. The key is not checked before it is sent. */
export const firewall = (): Reply => html(403, '403 Forbidden', 'The request is blocked.');

const MESSAGES: Readonly<Record<string, string>> = {
  '429': 'Rate limit is exceeded. Try again later.',
  '500': 'Internal server error',
  '502': 'Bad gateway',
  '503': 'Service unavailable',
  '504': 'Gateway timeout',
};

function retryAfter(value: string | null): Record<string, string> {
  if (value === null) return {};
  const [form, seconds = '2'] = value.split(':');
  if (form !== 'date') return { 'Retry-After': value };
  return { 'Retry-After': new Date(Date.now() + Number(seconds) * 1000).toUTCString() };
}

/** The reply of a fault that replaces the answer. `key` is the key of the request. */
export function faultReply(fault: Fault, key: string): Reply {
  const { kind, value } = fault;
  const code = kind === 'dead' ? '500' : kind;
  const message = MESSAGES[code];
  if (message) return json(Number(code), gatewayError(Number(code), message), retryAfter(value));
  if (kind === '401') return unauthorised(true);
  if (kind === '403json')
    return json(403, gatewayError(403, 'Access denied: no subscription to this product.'));
  if (kind === 'firewall') return firewall();
  if (kind === 'redirect') {
    const headers = { Location: value ?? '/elsewhere', 'Content-Type': 'text/html' };
    return { status: 302, headers, body: bytes('') };
  }
  if (kind === 'refused') return json(200, refusal(value ?? 'The request could not be processed.', 400));
  if (kind === 'exception') return json(200, failedTask(value ?? 'The task failed.'));
  if (kind === 'echo-key') {
    const status = Number(value ?? 400);
    return json(status, gatewayError(status, `Request with Ocp-Apim-Subscription-Key: ${key} failed`));
  }
  return html(200, 'Maintenance', 'The service will be back soon.');
}
