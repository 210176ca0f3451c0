// A web server of a folder that follows the rules of ranges, with faults that a test chooses for each request.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is wrong with an answer. */
export interface Fault {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Answers a range with the whole file. */
  readonly noRanges?: boolean;
  /** Announces all bytes, sends this many, and drops the connection. */
  readonly cutAfter?: number;
  /** Sends this in place of the file, also if there is none. */
  readonly body?: string;
  /** Sends no length: the body ends with the connection. */
  readonly unframed?: boolean;
  /** Milliseconds before the answer. */
  readonly delay?: number;
  /** Changes bytes before they are sent. */
  readonly change?: (body: Buffer) => Uint8Array;
  /** Sends nothing for ever; with `cutAfter`, nothing after these bytes. */
  readonly stall?: boolean;
  /** The body comes byte by byte, one in so many milliseconds. */
  readonly trickle?: number;
}

export interface FileRequest {
  readonly path: string;
  readonly range: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface FileServer {
  /** Ends in a slash. */
  readonly url: string;
  readonly requests: FileRequest[];
  /** Set by a test: the fault of a request, by its number from 1 since the fault was set. */
  fault: ((request: FileRequest, number: number) => Fault | undefined) | null;
  /** The number of requests whose answer has not ended. */
  readonly open: () => number;
}

/** Serves a folder on 127.0.0.1 until the test ends. */
export async function startFiles(t: TestContext, folder: string): Promise<FileServer> {
  let open = 0;
  const files: FileServer = { url: '', requests: [], fault: null, open: () => open };
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent((request.url ?? '').slice(1));
    const one: FileRequest = { path, range: request.headers.range, headers: request.headers };
    files.requests.push(one);
    open++;
    response.once('close', () => open--);
    const fault = files.fault?.(one, files.requests.length) ?? {};
    const file = await readFile(join(folder, path)).catch(() => null);
    const body = fault.body === undefined ? file : Buffer.from(fault.body);
    if (fault.delay) await sleep(fault.delay);
    response.useChunkedEncodingByDefault = !fault.unframed;
    send(response, { body, range: one.range, fault });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(files, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
}

function send(
  response: ServerResponse,
  { body, range, fault }: { body: Buffer | null; range: string | undefined; fault: Fault },
): void {
  if (fault.stall && fault.cutAfter === undefined) return;
  if (fault.status !== undefined && fault.status >= 300)
    return void response.writeHead(fault.status, fault.headers).end();
  if (body === null) return void response.writeHead(404).end('not here');
  const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
  const [, start, end] = (!fault.noRanges && /^bytes=(\d+)-(\d+)$/.exec(range ?? '')) || [];
  const part = start === undefined ? body : body.subarray(Number(start), Number(end) + 1);
  const bytes = fault.change ? fault.change(Buffer.from(part)) : part;
  response.writeHead(start === undefined ? 200 : 206, {
    ETag: etag,
    ...(start === undefined ? {} : { 'Content-Range': `bytes ${start}-${end}/${body.length}` }),
    ...(fault.cutAfter === undefined ? {} : { 'Content-Length': bytes.length }),
    ...fault.headers,
  });
  if (fault.trickle) {
    const sent = bytes.values();
    const timer = setInterval(() => response.write(Buffer.of(sent.next().value ?? 0)), fault.trickle);
    return void response.on('close', () => clearInterval(timer));
  }
  if (fault.cutAfter === undefined) return void response.end(bytes);
  response.write(bytes.subarray(0, fault.cutAfter), () => {
    if (!fault.stall) setTimeout(() => response.destroy(), 20);
  });
}
