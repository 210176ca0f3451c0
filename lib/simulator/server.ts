// The simulator of the DTM API: an HTTP server on 127.0.0.1 with the real paths, refusals and failures. Its answers come from a
// synthetic world or from recorded answers. Memory: see world.ts; the request log is never cleared.
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

/** Options of a simulator. All have a default. */
export interface SimulatorOptions {
  /** The key that requests must have. @default 'sample-key' */
  readonly key?: string;
  /** A second valid key. @default none */
  readonly secondaryKey?: string;
  /** The key that requests to the HNA service must have. @default 'sample-hna-key' */
  readonly hnaKey?: string;
  /** TCP port on 127.0.0.1. 0 means any free port. @default 0 */
  readonly port?: number;
  /** Seed of the world. The same seed, scale and faults give the same bytes. @default 1 */
  readonly seed?: number;
  /** Size of the world, above 0 and up to 50. Scale 1 has about 200,000 rows in three levels. @default 1 */
  readonly scale?: number;
  /** Specs of faults, as in docs/simulator.md. @default none */
  readonly faults?: readonly string[];
  /** Folder of recorded answers of one API version. They are served byte for byte instead of the world. @default the world */
  readonly answers?: string;
  /** Whether responses are compressed for clients that accept gzip. @default true */
  readonly gzip?: boolean;
}

/** A running simulator. */
export interface Simulator {
  readonly url: string;
  readonly port: number;
  readonly requests: readonly LoggedRequest[];
  /** Replaces the active faults, and counts requests from 0 again. */
  setFaults(specs: readonly string[]): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Creates the source of answers and the fault plan.
 * @throws {Error} if a fault is invalid, or not possible with recorded answers
 */
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

/** Starts a simulator. Rejects if an option is invalid or if the port is in use. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { key = 'sample-key', secondaryKey, hnaKey = 'sample-hna-key' } = options;
  const keys: Keys = { primary: key, secondary: secondaryKey, hna: hnaKey };
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

    // Log the request
    const { source } = state;
    const country = (query: LoggedRequest['query']) => countryOf(query, source);
    const { entry, target } = createLogEntry(request, keys, { inFlight, country });
    requests.push(entry);

    // Headers of every response. Tests mock the clock, and Node's own `Date` header ignores that.
    response.setHeader('Date', new Date().toUTCString());
    if (source.synthetic) response.setHeader('X-DTM-Synthetic', 'true');

    // Find the reply
    const { reply, fault } = await replyTo(
      { entry, target, key: keyOf(request) },
      state,
      disconnected.signal,
    );

    // Send the reply
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
