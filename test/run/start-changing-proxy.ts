// A server between run and simulator, for what an API may say that the simulator never does.
import { once } from 'node:events';
import { createServer, get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

/** An answer on its way: what is changed of it reaches the run. */
export interface Relayed {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Asks the simulator at `to` for whatever is asked, and answers what `change` makes of that; closed when the test ends. */
export async function relay(
  t: TestContext,
  to: string,
  change: (answer: Relayed) => Partial<Relayed>,
): Promise<string> {
  const server = createServer(({ url = '', headers }, response) => {
    const { 'accept-encoding': _, ...plain } = headers;
    get(
      new URL(url, to),
      { headers: { ...plain, host: new URL(to).host } },
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
