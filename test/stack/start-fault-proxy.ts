// A network that fails on purpose, between a client and a server. It passes on requests with the Host header that the
// client signed, so that signatures stay valid.
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import type { Ending } from './start-server.ts';

/** What befalls one request. */
export type Fault =
  /** It is not passed on, but answered with this status and error code. */
  | { readonly answer: number; readonly code: string }
  /** It is passed on so many milliseconds later. */
  | { readonly wait: number }
  /** Its connection is closed before it was passed on, or after it was carried out; then `meanwhile` happens. */
  | { readonly drop: 'before' | 'after'; readonly meanwhile?: () => Promise<unknown> }
  /** A byte of its answer is changed on the way. */
  | { readonly flip: number }
  /** Its answer ends, or falls silent, after so many bytes of the body. */
  | { readonly cut: number; readonly silent?: boolean };

export interface FaultProxy {
  readonly endpoint: string;
  /** What befalls the next requests, one each; a test adds to it. */
  readonly faults: Fault[];
  /** The methods of all requests that came. */
  readonly came: string[];
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: URL;
}

/** Starts a proxy before `target` that ends with the test. */
export async function startFaultProxy(t: Ending, target: string): Promise<FaultProxy> {
  const faults: Fault[] = [];
  const came: string[] = [];
  const server = createServer((incoming, response) => {
    came.push(incoming.method ?? '');
    const exchange = { incoming, response, target: new URL(target) };
    befall(exchange, faults.shift()).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { endpoint: `http://127.0.0.1:${port}`, faults, came };
}

async function befall(exchange: Exchange, fault: Fault = { wait: 0 }): Promise<void> {
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
  if (!('drop' in fault)) return passOn(exchange, await ask(exchange), fault);
  if (fault.drop === 'after') (await ask(exchange)).resume();
  await fault.meanwhile?.();
  incoming.socket.destroy();
}

/** Sends a request to the server and resolves to its answer. */
async function ask({ incoming, target }: Exchange): Promise<IncomingMessage> {
  const { expect, ...headers } = incoming.headers;
  const { method, url: path } = incoming;
  const { hostname: host, port } = target;
  const outgoing = request({ host, port, method, path, headers, agent: false });
  const [answered] = await Promise.all([once(outgoing, 'response'), pipeline(incoming, outgoing)]);
  return answered[0];
}

async function passOn({ response }: Exchange, answer: IncomingMessage, fault: Fault): Promise<void> {
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  if ('flip' in fault) {
    const body = await buffer(answer);
    body[fault.flip] = ~(body[fault.flip] ?? 0);
    return void response.end(body);
  }
  if (!('cut' in fault)) return pipeline(answer, response);
  let left = fault.cut;
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    response.write(chunk.subarray(0, left));
    left -= chunk.length;
    if (left <= 0) break;
  }
  // Long enough for what was sent to arrive.
  await setTimeout(50);
  if (!fault.silent) response.destroy();
}
