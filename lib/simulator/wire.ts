// Sends replies: normally at once; with a fault slowly, partly or endlessly.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import type { Fault } from './faults.ts';
import type { Reply } from './reply.ts';

const deflate = promisify(gzip);
const RESULT_START = '{"result":[';
const SLICES = 10;
const MEGABYTE = 1_048_576;

/** Compresses a reply with level 1, like a busy server. */
async function compressed(reply: Reply): Promise<Reply> {
  const headers = { ...reply.headers, 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' };
  return { ...reply, headers, body: await deflate(reply.body, { level: 1 }) };
}

function writeHead(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, { ...reply.headers, 'Content-Length': reply.body.byteLength });
}

/** Sends the headers at once, and the body in slices spread evenly over `milliseconds`. */
async function sendSlowly(
  response: ServerResponse,
  reply: Reply,
  { milliseconds, signal }: { milliseconds: number; signal: AbortSignal },
): Promise<void> {
  writeHead(response, reply);
  response.flushHeaders();
  const { byteLength } = reply.body;
  const step = Math.ceil(byteLength / SLICES) || 1;
  const started = performance.now();
  for (let at = 0; at < byteLength; at += step) {
    const due = started + milliseconds * Math.min(1, (at + step) / byteLength);
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait, undefined, { signal });
    response.write(reply.body.subarray(at, at + step));
  }
  response.end();
}

/** Sends half of the body, then closes the connection. */
function sendCut(response: ServerResponse, reply: Reply): void {
  writeHead(response, reply);
  response.write(reply.body.subarray(0, reply.body.byteLength >> 1), () => response.destroy());
}

/** Sends a body that is small on the wire and huge after decompression: many gzip members of blanks. */
async function sendBomb(response: ServerResponse, reply: Reply, megabytes: number, signal: AbortSignal) {
  const block = gzipSync(new Uint8Array(MEGABYTE).fill(0x20), { level: 9 });
  response.writeHead(reply.status, { ...reply.headers, 'Content-Encoding': 'gzip' });
  response.write(gzipSync(RESULT_START));
  for (let i = 0; i < megabytes; i++) {
    if (!response.write(block)) await once(response, 'drain', { signal });
  }
  response.end();
}

/** Sends blanks until the client closes the connection. */
async function sendEndlessly(response: ServerResponse, reply: Reply, signal: AbortSignal): Promise<never> {
  response.writeHead(reply.status, reply.headers);
  response.write(RESULT_START);
  const blanks = new Uint8Array(65_536).fill(0x20);
  for (;;) {
    if (!response.write(blanks)) await once(response, 'drain', { signal });
  }
}

/**
 * Applies the faults before the first byte: a wait or a reset. Returns false after a reset, because nothing can be sent
 * then.
 */
export async function beginResponse(
  response: ServerResponse,
  fault: Fault | null,
  signal: AbortSignal,
): Promise<boolean> {
  if (fault?.kind === 'slow-headers') await sleep(Number(fault.value), undefined, { signal });
  if (fault?.kind === 'reset') response.socket?.resetAndDestroy();
  return fault?.kind !== 'reset';
}

/** Sends the reply, with the `wire` fault if there is one. Rejects if `signal` is aborted during a wait. */
export async function send(
  response: ServerResponse,
  reply: Reply,
  options: { readonly gzip: boolean; readonly fault: Fault | null; readonly signal: AbortSignal },
): Promise<void> {
  const { signal } = options;
  const { kind, value } = options.fault ?? { kind: null, value: null };
  if (kind === 'bomb') return sendBomb(response, reply, Number(value ?? 2048), signal);
  if (kind === 'endless') return sendEndlessly(response, reply, signal);
  const half = reply.body.subarray(0, reply.body.byteLength >> 1);
  const whole = kind === 'truncated-json' ? { ...reply, body: half } : reply;
  const ready = options.gzip && whole.body.byteLength > 0 ? await compressed(whole) : whole;
  if (kind === 'cut') return sendCut(response, ready);
  if (kind === 'slow-body') return sendSlowly(response, ready, { milliseconds: Number(value), signal });
  if (kind === 'bandwidth') {
    const milliseconds = (ready.body.byteLength / Number(value)) * 1000;
    return sendSlowly(response, ready, { milliseconds, signal });
  }
  writeHead(response, ready);
  response.end(ready.body);
}
