// Starts an HTTP server on loopback that sends scripted responses and records the requests.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import type { TestContext } from 'node:test';
import { DTMApi } from '../../lib/dtm/client.ts';
import type { ApiVersion } from '../../lib/dtm/endpoints.ts';
import type { DTMApiOptions } from '../../lib/dtm/options.ts';

export const KEY = 'primary-0123456789';

export type Step = (response: ServerResponse, request: IncomingMessage) => void;

export interface ScriptedServer {
  readonly url: string;
  readonly port: number;
  readonly requests: { path: string; headers: IncomingHttpHeaders }[];
  readonly sockets: () => number;
}

/** Listens on a free port of loopback. Returns the port. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Starts a server until the test ends. Each request gets the next step; the last step is repeated. */
export async function serve(t: TestContext, ...steps: Step[]): Promise<ScriptedServer> {
  const requests: ScriptedServer['requests'] = [];
  let sockets = 0;
  const server = createServer((request, response) => {
    requests.push({ path: request.url ?? '', headers: request.headers });
    steps[Math.min(requests.length, steps.length) - 1]?.(response, request);
  });
  // The clients' connections stay open for as long as the clients want.
  server.keepAliveTimeout = 0;
  server.on('connection', () => sockets++);
  const port = await listen(server);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}`, port, requests, sockets: () => sockets };
}

/** Creates a client of the server. It waits about a millisecond between attempts. */
export function client<V extends ApiVersion = 'v3'>(
  server: Pick<ScriptedServer, 'url'>,
  options: Partial<DTMApiOptions<V>> = {},
) {
  return new DTMApi<V>({
    subscriptionKey: KEY,
    baseUrl: server.url,
    retryDelay: 0.001,
    timeout: 5,
    ...options,
  });
}

/** A step that sends a status and a body, as JSON unless the headers have another content type. */
export function send(body: unknown, status = 200, headers: Record<string, string> = {}): Step {
  return (response) => {
    response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', ...headers });
    response.end(typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body));
  };
}

/** An answer of the API with these rows. */
export function answer(rows: readonly unknown[], changes: Record<string, unknown> = {}) {
  return {
    ...{ result: rows, statusCode: 200, isSuccess: true, errorMessages: [], totalRecordsCount: rows.length },
    ...changes,
  };
}

export const EMPTY = answer([], { statusCode: 204, errorMessages: ['No matching data found.'] });
export const refusal = (message: string) =>
  answer([], { statusCode: 204, isSuccess: false, errorMessages: [message] });
export const UNKNOWN = refusal('No Country Code found matching your query.');
