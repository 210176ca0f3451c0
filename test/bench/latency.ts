// An export from an API that takes its time, against the best that can be done with those same answers.
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { type Endpoint, PATHS } from '../../lib/dtm/endpoints.ts';
import { createFaultPlan } from '../../lib/simulator/fault-plan.ts';
import { measureExport } from './exports.ts';
import { refuseOthers, seenByRun } from './inputs.ts';
import type { World } from './rounds.ts';
import { longestFirst, lowerBound } from './schedule.ts';
import { SEED, type Server, serveAnswers } from './serve-answers.ts';

/** The command's default. */
const CONCURRENCY = 4;
const RUN = '2026-11-24T05-00-00Z-latency';

/** Lognormal: the median, and one in a hundred as long as the second; bytes a second of each answer's body as sent. */
const MEDIAN_MS = 2000;
const SLOWEST_MS = 30_000;
const BYTES_A_SECOND = 5_000_000;
/** Standard deviations beyond which one in a hundred lies. */
const ONE_IN_100 = 2.326;
const SIGMA = Math.log(SLOWEST_MS / MEDIAN_MS) / ONE_IN_100;
const LATENCY = `latency=lognormal:${MEDIAN_MS}:${SIGMA.toFixed(4)}`;

/** Seconds. */
export interface Waited {
  readonly wall: number;
  /** The two lists at once, then the rest by no schedule that could be shorter. */
  readonly best: number;
  /** The same by one that can be had. */
  readonly longestFirst: number;
  /** All answers' times together. */
  readonly sum: number;
  readonly answers: number;
}

/** Exports once, everything in, into a folder below the given one. */
export async function measureLatency(folder: string, world: World): Promise<Waited> {
  const { lists, units } = await durations(world);
  const first = Math.max(...lists);
  const to = join(folder, 'latency');
  const faults = [LATENCY, `bandwidth=${BYTES_A_SECOND}`];
  const { memory } = world;
  await using server = await serveAnswers({ folder: world.folder, memory, faults });
  const { environment } = server;
  const asked = {
    name: 'latency',
    to,
    run: RUN,
    without: [],
    memory,
    expected: 'published',
    environment,
  } as const;
  const { cost } = await measureExport(asked);
  const seen = await seenByRun(to, RUN);
  refuseOthers('latency', seen, { ...world.inputs, rows: seen.rows });
  return {
    wall: cost.wall,
    best: first + lowerBound(units, CONCURRENCY),
    longestFirst: first + longestFirst(units, CONCURRENCY),
    sum: [...lists, ...units].reduce((total, each) => total + each, 0),
    answers: lists.length + units.length,
  };
}

/** Seconds of each answer, which the seed decides: its wait, and its bytes on the wire. */
export async function durations({ inputs, server }: World): Promise<{ lists: number[]; units: number[] }> {
  const plan = createFaultPlan([LATENCY], SEED);
  const [lists, units]: [number[], number[]] = [[], []];
  for (const name of inputs.answers.keys()) {
    const [endpoint = '', country = null] = name.split('/');
    const asked = { endpoint: endpoint as Endpoint, country };
    const seconds = plan.decide(asked).latency / 1000 + (await bytesSent(server, asked)) / BYTES_A_SECOND;
    (country === null ? lists : units).push(seconds);
  }
  return { lists, units };
}

/** Length of an answer's body as a server without latency sends it, compressed. */
async function bytesSent(
  { environment }: Server,
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
