// A proxy between a client and a server that causes network faults. It forwards requests with the client's Host header, so that
// signatures stay valid.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import type { Cleanup } from '../start-server.ts';

/** A fault for one request. */
export type Fault =
  /** The proxy answers with this status and error code, and does not forward the request. */
  | { readonly answer: number; readonly code: string }
  /** The request is forwarded after so many milliseconds. */
  | { readonly wait: number }
  /** `meanwhile` runs, then the connection is closed: before the request was forwarded, or after the server has handled it. */
  | { readonly drop: 'before' | 'after'; readonly meanwhile?: () => Promise<unknown> }
  /** The byte at this position of the response body is changed. */
  | { readonly flip: number }
  /** The response stops after so many bytes of the body: the connection closes, or stays open if `silent`. */
  | { readonly cut: number; readonly silent?: boolean };

export interface FaultProxy {
  readonly endpoint: string;
  /** Faults for the next requests, one each. Tests add to it. */
  readonly faults: Fault[];
  /** Methods of all requests so far. */
  readonly methods: string[];
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: URL;
}

/** Starts a proxy in front of `target`. It stops when the test ends. */
export async function startFaultProxy(t: Cleanup, target: string): Promise<FaultProxy> {
  const faults: Fault[] = [];
  const methods: string[] = [];
  const server = createServer((incoming, response) => {
    methods.push(incoming.method ?? '');
    const exchange = { incoming, response, target: new URL(target) };
    handleWithFault(exchange, faults.shift()).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { endpoint: `http://127.0.0.1:${port}`, faults, methods };
}

async function handleWithFault(exchange: Exchange, fault: Fault = { wait: 0 }): Promise<void> {
  const { incoming, response } = exchange;
  if ('answer' in fault) {
    await text(incoming);
    response.writeHead(fault.answer, { 'content-type': 'application/xml' });
    response.end(
      `<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>on purpose</Message></Error>`,
    );
    return;
  }
  if ('wait' in fault) await setTimeout(fault.wait, null, { ref: false });
  if (!('drop' in fault)) return sendResponse(exchange, await forward(exchange), fault);
  if (fault.drop === 'after') (await forward(exchange)).resume();
  await fault.meanwhile?.();
  incoming.socket.destroy();
}

/** Forwards a request to the server and returns the response. */
async function forward({ incoming, target }: Exchange): Promise<IncomingMessage> {
  const { expect, ...headers } = incoming.headers;
  const { method, url: path } = incoming;
  const { hostname: host, port } = target;
  const outgoing = request({ host, port, method, path, headers, agent: false });
  const [responses] = await Promise.all([once(outgoing, 'response'), pipeline(incoming, outgoing)]);
  return responses[0];
}

async function sendResponse(
  { response }: Exchange,
  serverResponse: IncomingMessage,
  fault: Fault,
): Promise<void> {
  response.writeHead(serverResponse.statusCode ?? 502, serverResponse.headers);
  if ('flip' in fault) {
    const body = await buffer(serverResponse);
    body[fault.flip] = ~(body[fault.flip] ?? 0);
    return void response.end(body);
  }
  if (!('cut' in fault)) return pipeline(serverResponse, response);
  let remaining = fault.cut;
  for await (const chunk of serverResponse as AsyncIterable<Uint8Array>) {
    response.write(chunk.subarray(0, remaining));
    remaining -= chunk.length;
    if (remaining <= 0) break;
  }
  // Wait until the client has received the bytes.
  await setTimeout(50);
  if (!fault.silent) response.destroy();
}
