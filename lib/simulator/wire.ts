// Sending: at once as a rule, slowly, in part or without end when a fault says so.

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

/** The reply compressed; level 1, as a server that is asked for much would. */
async function compressed(reply: Reply): Promise<Reply> {
  const headers = { ...reply.headers, 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' };
  return { ...reply, headers, body: await deflate(reply.body, { level: 1 }) };
}

function writeHead(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, { ...reply.headers, 'Content-Length': reply.body.byteLength });
}

/** The headers at once, the body evenly over so many milliseconds: each slice when it would be through. */
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

/** Half of what was promised, then the connection breaks. */
function sendCut(response: ServerResponse, reply: Reply): void {
  writeHead(response, reply);
  response.write(reply.body.subarray(0, reply.body.byteLength >> 1), () => response.destroy());
}

/** A body that is small on the wire and huge once decompressed: gzip members of blanks, one after another. */
async function sendBomb(response: ServerResponse, reply: Reply, megabytes: number, signal: AbortSignal) {
  const block = gzipSync(new Uint8Array(MEGABYTE).fill(0x20), { level: 9 });
  response.writeHead(reply.status, { ...reply.headers, 'Content-Encoding': 'gzip' });
  response.write(gzipSync(RESULT_START));
  for (let i = 0; i < megabytes; i++) {
    if (!response.write(block)) await once(response, 'drain', { signal });
  }
  response.end();
}

/** Blanks, until the client hangs up. */
async function sendEndlessly(response: ServerResponse, reply: Reply, signal: AbortSignal): Promise<never> {
  response.writeHead(reply.status, reply.headers);
  response.write(RESULT_START);
  const blanks = new Uint8Array(65_536).fill(0x20);
  for (;;) {
    if (!response.write(blanks)) await once(response, 'drain', { signal });
  }
}

/** What happens before the first byte: a wait, or a reset, after which there is nothing to send: false. */
export async function beginResponse(
  response: ServerResponse,
  fault: Fault | null,
  signal: AbortSignal,
): Promise<boolean> {
  if (fault?.kind === 'slow-headers') await sleep(Number(fault.value), undefined, { signal });
  if (fault?.kind === 'reset') response.socket?.resetAndDestroy();
  return fault?.kind !== 'reset';
}

/** Sends the reply as the fault of stage `wire` has it, if there is one; rejects when `signal` aborts a wait. */
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
