// A server below HTTP: it answers each request with bytes and cuts, as a test says.

import { createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { client, listen, type Scripted } from '../start-api-server.ts';

/** What the server does once a request's head is there. */
export type Act = (socket: Socket) => void;

export interface Wire extends Pick<Scripted, 'url' | 'sockets'> {
  /** Requests whose head came whole. */
  readonly requests: () => number;
}

/** Does one act a request and repeats the last one. */
export async function serveWire(t: TestContext, ...acts: Act[]): Promise<Wire> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    let seen = '';
    socket.on('error', () => {});
    socket.on('data', (data) => {
      seen += data.toString('latin1');
      if (!seen.endsWith('\r\n\r\n')) return;
      seen = '';
      requests++;
      acts[Math.min(requests, acts.length) - 1]?.(socket);
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
export const say =
  (bytes: string | Uint8Array): Act =>
  (socket) =>
    void socket.write(bytes);

/** Sends the bytes and ends the connection in order. */
export const sayAndEnd =
  (bytes: string | Uint8Array): Act =>
  (socket) =>
    void socket.end(bytes);

/** Sends the bytes and resets the connection. */
export const sayAndReset =
  (bytes: string | Uint8Array): Act =>
  (socket) =>
    void socket.write(bytes, () => socket.resetAndDestroy());

/** Sends the bytes again and again, without end. */
export const sayForEver =
  (first: string, bytes: string): Act =>
  (socket) => {
    socket.write(first);
    const pour = (): void => {
      while (!socket.destroyed && socket.write(bytes));
    };
    socket.on('drain', pour);
    pour();
  };

/** A client of such a server that tries once. */
export const once = (wire: Wire, timeout = 5) => client(wire, { maxRetries: 0, timeout });
