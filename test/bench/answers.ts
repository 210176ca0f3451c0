// The world's answers, made once and kept as recorded ones: making them while something is measured would take its time.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DTMApi } from '../../lib/dtm/client.ts';
import { LEVELS, levelEndpoint } from '../../lib/dtm/endpoints.ts';
import { startSimulator } from '../../lib/simulator/server.ts';

const MAIN = resolve(import.meta.dirname, '../../lib/cli/main.ts');
const KEY = 'bench';

/** Writes all answers of a synthetic world into the folder; returns how many there are. */
export async function writeAnswers(folder: string, scale: number): Promise<number> {
  await using simulator = await startSimulator({ key: KEY, seed: 1, scale, gzip: false });
  using api = new DTMApi({ subscriptionKey: KEY, baseUrl: simulator.url });
  const countries = await api.ask('countries');
  const operations = await api.ask('operations');
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
  return codes.size * LEVELS.length;
}

/** A simulator over the folder, in a process of its own, stopped when disposed of. */
export async function serveAnswers(folder: string) {
  const server = spawn(
    process.execPath,
    [MAIN, 'simulate', '--answers', folder, '--port', '0', '--key', KEY],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  // Without a word it ends: `end` comes instead, or too.
  const [said] = (await Promise.race([once(server.stdout, 'data'), once(server.stdout, 'end')])) as [Buffer?];
  const url = /http:\S+/.exec(String(said))?.[0];
  if (url === undefined) throw new Error('the simulator did not start');
  return {
    environment: { DTMAPI_URL: url, DTMAPI_SUBSCRIPTION_KEY: KEY },
    [Symbol.asyncDispose]: async () => {
      server.kill();
      await once(server, 'exit');
    },
  };
}
