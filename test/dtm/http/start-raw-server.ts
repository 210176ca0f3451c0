// Starts a TCP server that answers each request with raw bytes, so that a test can send invalid HTTP or stop anywhere.
import { createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { client, listen, type ScriptedServer } from '../start-api-server.ts';

/** What the server does after it has received the head of a request. */
export type Action = (socket: Socket) => void;

export interface RawServer extends Pick<ScriptedServer, 'url' | 'sockets'> {
  /** Number of requests with a complete head. */
  readonly requests: () => number;
}

/** Starts a server until the test ends. Each request gets the next action; the last action is repeated. */
export async function startRawServer(t: TestContext, ...actions: Action[]): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    let received = '';
    socket.on('error', () => {});
    socket.on('data', (data) => {
      received += data.toString('latin1');
      if (!received.endsWith('\r\n\r\n')) return;
      received = '';
      requests++;
      actions[Math.min(requests, actions.length) - 1]?.(socket);
    });
  });
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}`, sockets: () => sockets.size, requests: () => requests };
}

/** Sends the bytes and keeps the connection open. */
export const write =
  (bytes: string | Uint8Array): Action =>
  (socket) =>
    void socket.write(bytes);

/** Sends the bytes and closes the connection. */
export const writeAndEnd =
  (bytes: string | Uint8Array): Action =>
  (socket) =>
    void socket.end(bytes);

/** Sends the bytes and resets the connection. */
export const writeAndReset =
  (bytes: string | Uint8Array): Action =>
  (socket) =>
    void socket.write(bytes, () => socket.resetAndDestroy());

/** Sends `first`, then the bytes again and again. */
export const writeEndlessly =
  (first: string, bytes: string): Action =>
  (socket) => {
    socket.write(first);
    const pour = (): void => {
      while (!socket.destroyed && socket.write(bytes));
    };
    socket.on('drain', pour);
    pour();
  };

/** Creates a client that makes one attempt only. */
export const singleAttemptClient = (server: RawServer, timeout = 5) =>
  client(server, { maxRetries: 0, timeout });
