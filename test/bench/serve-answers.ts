// The world's answers, made once and kept as recorded ones: making them while something is measured would take its time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DTMApi } from '../../lib/dtm/client.ts';
import { LEVELS, levelEndpoint } from '../../lib/dtm/endpoints.ts';
import { startSimulator } from '../../lib/simulator/server.ts';
import { COUNTRIES } from '../../lib/simulator/world/countries.ts';
import { fresh, remembering } from './run-process.ts';

const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js');
const KEY = 'bench';
/** Of the world and of its latencies. */
export const SEED = 1;

/** A week later: one figure of every country is another, at every level. */
export const A_WEEK_LATER = COUNTRIES.map(({ iso3 }) => `changed@${iso3}`);

/** Writes all answers of a synthetic world into a new folder, in a process of its own. */
export async function makeAnswers(folder: string, scale: number, faults: readonly string[] = []) {
  const words = [import.meta.filename, folder, String(scale), ...faults];
  await fresh({ name: 'making the answers', words });
}

async function writeAnswers(folder: string, scale: number, faults: readonly string[]): Promise<void> {
  await using simulator = await startSimulator({ key: KEY, seed: SEED, scale, faults, gzip: false });
  using api = new DTMApi({ subscriptionKey: KEY, baseUrl: simulator.url });
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

/** A simulator of the API over a folder of answers. */
export interface Server extends AsyncDisposable {
  /** What a client of it must be told. */
  readonly environment: Readonly<Record<'DTMAPI_URL' | 'DTMAPI_SUBSCRIPTION_KEY', string>>;
}

/** A folder of answers, and one in which they are kept compressed: the API's work is not to take this machine's time. */
export interface Served {
  readonly folder: string;
  readonly memory: string;
  readonly faults?: readonly string[];
}

/** Starts one in a process of its own, which is stopped when disposed of. */
export async function serveAnswers({ folder, memory, faults = [] }: Served): Promise<Server> {
  const options = ['--answers', folder, '--port', '0', '--key', KEY, '--seed', String(SEED)];
  const asked = faults.flatMap((fault) => ['--fault', fault]);
  const words = ['--import', remembering(memory, ['raw']), MAIN, 'simulate', ...options, ...asked];
  const server = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  // Without a word it ends: `end` comes instead, or too.
  const [said] = (await Promise.race([once(server.stdout, 'data'), once(server.stdout, 'end')])) as [Buffer?];
  const url = /http:\S+/.exec(String(said))?.[0];
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
