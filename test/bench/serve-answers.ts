// Makes the answers of a synthetic world once and serves them from files. Making them during a measurement would take CPU time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DTMApi } from '../../lib/dtm/client.ts';
import { LEVELS, levelEndpoint } from '../../lib/dtm/endpoints.ts';
import { startSimulator } from '../../lib/simulator/server.ts';
import { COUNTRIES } from '../../lib/simulator/world/countries.ts';
import { gzipCacheModule, runProcess } from './run-process.ts';

const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js');
const KEY = 'bench';
/** Seed of the world and of its latencies. */
export const SEED = 1;

/** Larger worlds have answers beyond the client's default limit. */
export const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** Faults that change one figure of every country at every level, as a week later. */
export const CHANGED_FAULTS = COUNTRIES.map(({ iso3 }) => `changed@${iso3}`);

/** The same for two countries of fifty: the day that operators have most often. */
export const DAY_FAULTS = ['changed@HTI', 'changed@NGA'];

/** Writes all answers of a synthetic world into a new folder, in a separate process. */
export async function makeAnswers(folder: string, scale: number, faults: readonly string[] = []) {
  const args = [import.meta.filename, folder, String(scale), ...faults];
  await runProcess({ name: 'making the answers', args });
}

async function writeAnswers(folder: string, scale: number, faults: readonly string[]): Promise<void> {
  await using simulator = await startSimulator({ key: KEY, seed: SEED, scale, faults, gzip: false });
  using api = new DTMApi({ subscriptionKey: KEY, baseUrl: simulator.url, maxBytes: MAX_ANSWER_BYTES });
  const countries = await api.ask('countries');
  const operations = await api.ask('operations');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'country-list.json'), countries.body);
  await writeFile(join(folder, 'operation-list.json'), operations.body);
  const codes = new Set([...countries.rows, ...operations.rows].map(({ admin0Pcode }) => admin0Pcode));
  for (const admin0Pcode of codes) {
    for (const level of LEVELS) {
      const endpoint = levelEndpoint(level);
      const { body } = await api.ask(endpoint, { admin0Pcode });
      await writeFile(join(folder, `${endpoint}-${admin0Pcode}.json`), body);
    }
  }
}

/** A simulator that serves a folder of answers. */
export interface AnswerServer extends AsyncDisposable {
  /** Environment variables for its clients. */
  readonly environment: Readonly<Record<'DTMAPI_URL' | 'DTMAPI_SUBSCRIPTION_KEY', string>>;
}

/** A folder of answers, and a cache of their gzip results: the server's compression must not take CPU time of a measurement. */
export interface AnswerSource {
  readonly folder: string;
  readonly gzipCache: string;
  readonly faults?: readonly string[];
}

/** Starts a simulator in a separate process. Disposing stops it. */
export async function serveAnswers({ folder, gzipCache, faults = [] }: AnswerSource): Promise<AnswerServer> {
  const options = ['--answers', folder, '--port', '0', '--key', KEY, '--seed', String(SEED)];
  const faultOptions = faults.flatMap((fault) => ['--fault', fault]);
  const args = [
    '--import',
    gzipCacheModule(gzipCache, ['raw']),
    MAIN,
    'simulate',
    ...options,
    ...faultOptions,
  ];
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  // If it ends without output, `end` comes instead of `data`.
  const [stdout] = (await Promise.race([once(server.stdout, 'data'), once(server.stdout, 'end')])) as [
    Buffer?,
  ];
  const url = /http:\S+/.exec(String(stdout))?.[0];
  if (url === undefined) throw new Error('the simulator did not start');
  return {
    environment: { DTMAPI_URL: url, DTMAPI_SUBSCRIPTION_KEY: KEY },
    [Symbol.asyncDispose]: async () => {
      server.kill();
      if (server.exitCode === null) await once(server, 'exit');
    },
  };
}

if (import.meta.main) {
  const [folder = '', scale = '1', ...faults] = process.argv.slice(2);
  await writeAnswers(folder, Number(scale), faults);
}
