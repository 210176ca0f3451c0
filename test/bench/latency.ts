// Measures an export from a slow API, and compares it with the best possible schedule for the same answers.
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { type Endpoint, PATHS } from '../../lib/dtm/endpoints.ts';
import { createFaultPlan } from '../../lib/simulator/fault-plan.ts';
import { measureExport } from './exports.ts';
import { checkSameInputs, readRunInputs } from './inputs.ts';
import type { World } from './rounds.ts';
import { longestFirst, lowerBound } from './schedule.ts';
import { type AnswerServer, SEED, serveAnswers } from './serve-answers.ts';

/** Default of the command `export`. */
const CONCURRENCY = 4;
const RUN = '2026-11-24T05-00-00Z-latency';

/** Lognormal latency: the median, and the value that one in 100 answers exceeds. Then the bandwidth of each answer's body. */
const MEDIAN_MS = 2000;
const SLOWEST_MS = 30_000;
const BYTES_PER_SECOND = 5_000_000;
/** Standard deviations that one in 100 values exceeds. */
const ONE_IN_100 = 2.326;
const SIGMA = Math.log(SLOWEST_MS / MEDIAN_MS) / ONE_IN_100;
const LATENCY = `latency=lognormal:${MEDIAN_MS}:${SIGMA.toFixed(4)}`;

/** Results in seconds. */
export interface LatencyResult {
  readonly wall: number;
  /** Lower bound: both lists at the same time, then all units in the shortest possible time. */
  readonly best: number;
  /** The same with the units in a real schedule, longest first. */
  readonly longestFirst: number;
  /** Sum of the times of all answers. */
  readonly sum: number;
  readonly answers: number;
}

/** Exports once with all parts, into a folder below `folder`. */
export async function measureLatency(folder: string, world: World): Promise<LatencyResult> {
  const { lists, units } = await durations(world);
  const first = Math.max(...lists);
  const to = join(folder, 'latency');
  const faults = [LATENCY, `bandwidth=${BYTES_PER_SECOND}`];
  const { gzipCache } = world;
  await using server = await serveAnswers({ folder: world.folder, gzipCache, faults });
  const { environment } = server;
  const exportRun = {
    name: 'latency',
    to,
    run: RUN,
    without: [],
    gzipCache,
    expected: 'published',
    environment,
  } as const;
  const { cost } = await measureExport(exportRun);
  const actual = await readRunInputs(to, RUN);
  checkSameInputs('latency', actual, { ...world.inputs, rows: actual.rows });
  return {
    wall: cost.wall,
    best: first + lowerBound(units, CONCURRENCY),
    longestFirst: first + longestFirst(units, CONCURRENCY),
    sum: [...lists, ...units].reduce((total, seconds) => total + seconds, 0),
    answers: lists.length + units.length,
  };
}

/** Seconds of each answer: its latency, which the seed decides, and its transfer time. */
export async function durations({ inputs, server }: World): Promise<{ lists: number[]; units: number[] }> {
  const plan = createFaultPlan([LATENCY], SEED);
  const [lists, units]: [number[], number[]] = [[], []];
  for (const name of inputs.answers.keys()) {
    const [endpoint = '', country = null] = name.split('/');
    const request = { endpoint: endpoint as Endpoint, country };
    const seconds =
      plan.decide(request).latency / 1000 + (await bytesSent(server, request)) / BYTES_PER_SECOND;
    (country === null ? lists : units).push(seconds);
  }
  return { lists, units };
}

/** Compressed length of an answer's body, from a server without latency. */
async function bytesSent(
  { environment }: AnswerServer,
  { endpoint, country }: { endpoint: Endpoint; country: string | null },
): Promise<number> {
  const url = new URL(PATHS.v3[endpoint], environment.DTMAPI_URL);
  if (country !== null) url.searchParams.set('Admin0Pcode', country);
  const headers = {
    'Ocp-Apim-Subscription-Key': environment.DTMAPI_SUBSCRIPTION_KEY,
    'Accept-Encoding': 'gzip',
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers }, resolve).on('error', reject);
  });
  response.destroy();
  return Number(response.headers['content-length']);
}
