// The DTM API's double: an HTTP server on 127.0.0.1 with the real paths, refusals and failures,
// over a synthetic world or over recorded answers. Memory: see world.ts; requests are logged for good.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaultPlan } from './fault-plan.ts';
import { createLogEntry, type Keys, keyOf, type LoggedRequest, type OpenLogEntry } from './log.ts';
import { countryOf } from './query.ts';
import { openRecorded } from './recorded.ts';
import { replyTo, type SimulatorState } from './reply-to.ts';
import { beginResponse, send } from './wire.ts';
import { createWorld } from './world/world.ts';

export type { LoggedRequest } from './log.ts';

/** How a simulator is set up; everything has a default. */
export interface SimulatorOptions {
  /** The key that requests must carry; default `sample-key`. */
  readonly key?: string;
  /** A second key that is as good. */
  readonly secondaryKey?: string;
  /** Default 0: any free port. Always on 127.0.0.1. */
  readonly port?: number;
  /** Default 1: the same seed, scale and faults give the same bytes. */
  readonly seed?: number;
  /** Default 1: about 200,000 rows in three levels; above 0, up to 50. */
  readonly scale?: number;
  /** See docs/simulator.md. */
  readonly faults?: readonly string[];
  /** Folder of recorded answers of one version, served byte for byte instead of the world. */
  readonly answers?: string;
  /** Default true: compress for clients that accept it. */
  readonly gzip?: boolean;
}

/** A running simulator. */
export interface Simulator {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly LoggedRequest[];
  /** Puts other faults in place of those in force, and counts from 0. */
  setFaults(specs: readonly string[]): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What to answer from; throws when a fault cannot be read or cannot be had. */
function createState(options: SimulatorOptions, specs: readonly string[]): SimulatorState {
  const { seed = 1, scale = 1, answers } = options;
  const plan = createFaultPlan(specs, seed);
  if (answers === undefined) return { plan, source: createWorld(seed, scale, plan.changes) };
  if (plan.firstWorldFault)
    throw new Error(`fault "${plan.firstWorldFault}": changes the synthetic world, not recorded answers`);
  return { plan, source: openRecorded(answers) };
}

const acceptsGzip = (request: IncomingMessage) =>
  /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));

/** Starts a simulator; rejects when an option is bad or the port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const keys: Keys = { primary: options.key ?? 'sample-key', secondary: options.secondaryKey };
  let state = createState(options, options.faults ?? []);
  const requests: OpenLogEntry[] = [];
  let inFlight = 0;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const disconnected = new AbortController();
    inFlight++;
    response.once('close', () => {
      inFlight--;
      disconnected.abort();
    });
    const { source } = state;
    const country = (query: LoggedRequest['query']) => countryOf(query, source);
    const { entry, target } = createLogEntry(request, keys, { inFlight, country });
    requests.push(entry);
    // Node would say it by a clock that tests cannot turn.
    response.setHeader('Date', new Date().toUTCString());
    if (source.synthetic) response.setHeader('X-DTM-Synthetic', 'true');
    const { reply, fault } = await replyTo(
      { entry, target, key: keyOf(request) },
      state,
      disconnected.signal,
    );
    entry.fault = fault?.spec ?? null;
    const gzip = options.gzip !== false && acceptsGzip(request);
    if (!(await beginResponse(response, fault, disconnected.signal))) return;
    entry.status = reply.status;
    await send(response, reply, { gzip, fault, signal: disconnected.signal });
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (!response.destroyed) response.destroy(error instanceof Error ? error : undefined);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  async function close(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    setFaults: (specs) => {
      state = createState(options, specs);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
