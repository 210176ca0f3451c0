// A proxy between run and simulator that changes responses, for answers that the simulator never gives.
import { once } from 'node:events';
import { createServer, get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

/** A response of the simulator, before it is changed. */
export interface ProxiedResponse {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Starts a proxy to the simulator at `target`. It sends each response as changed by `change`. Closed when the test ends. */
export async function startChangingProxy(
  t: TestContext,
  target: string,
  change: (response: ProxiedResponse) => Partial<ProxiedResponse>,
): Promise<string> {
  const server = createServer(({ url = '', headers }, response) => {
    const { 'accept-encoding': _, ...plain } = headers;
    get(
      new URL(url, target),
      { headers: { ...plain, host: new URL(target).host } },
      async (answer: IncomingMessage) => {
        const received = { path: url, headers: answer.headers, body: await buffer(answer) };
        const { headers: changed, body } = { ...received, ...change(received) };
        const { 'content-length': __, 'transfer-encoding': ___, ...others } = changed;
        response.writeHead(answer.statusCode ?? 500, { ...others, 'content-length': body.length });
        response.end(body);
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
