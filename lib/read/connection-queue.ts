// Keeps the requests of one connection in order.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** One request and its response. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Handles the requests of one connection one at a time, and stops reading from it meanwhile. A client could otherwise
 * send thousands of requests without reading a response, and each response keeps a part of its file in memory.
 */
export function createConnectionQueue(): (exchange: Exchange, work: () => Promise<void>) => void {
  const waiting = new WeakMap<Socket, (() => Promise<void>)[]>();
  return ({ request: { socket }, response }, work) => {
    const pending = waiting.get(socket) ?? [];
    waiting.set(socket, pending);
    const turn = async (): Promise<void> => {
      const closed = new Promise((done) => response.once('close', done));
      await work();
      await closed;
      pending.shift();
      if (pending.length === 0) return void socket.resume();
      // Node resumes reading after each response.
      socket.pause();
      if (!socket.destroyed) void pending[0]?.();
    };
    if (pending.push(turn) > 1) socket.pause();
    else void turn();
  };
}
