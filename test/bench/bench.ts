// `npm run bench`: what an export costs, as multiples of reading and parsing the same bytes. Each figure is the median
// of runs in fresh processes, taken turn by turn, so that a busy machine slows all of them alike.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { serveAnswers, writeAnswers } from './answers.ts';
import { type Rounds, summarise } from './medians.ts';
import { render } from './render.ts';
import type { ProcessCost } from './spent.ts';
import type { Row } from './stopwatch.ts';

const REPORT = resolve(import.meta.dirname, '../../.cache/bench.json');

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, scale: { type: 'string', default: '1' } },
});
const [runs, scale] = [Number(values.runs), Number(values.scale)];
if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: expected 1 or more`);

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const temporary = await mkdtemp(join(tmpdir(), 'dtm-exporter-bench-'));
try {
  const report = await measure(join(temporary, 'answers'));
  say(render(report));
  await mkdir(resolve(REPORT, '..'), { recursive: true });
  await writeFile(REPORT, `${JSON.stringify(report, null, 2)}\n`);
  say(`\nWritten to ${relative(process.cwd(), REPORT)}`);
} finally {
  await rm(temporary, { recursive: true, force: true });
}

async function measure(folder: string) {
  await mkdir(folder);
  const answers = await writeAnswers(folder, scale);
  await using server = await serveAnswers(folder);
  const rounds: Rounds = { floor: [], whole: [], stages: [] };
  for (let run = 1; run <= runs; run++) {
    say(`run ${run} of ${runs}, load average ${loadavg()[0]?.toFixed(1)} on ${cpus().length} cores`);
    const to = join(temporary, 'to');
    rounds.floor.push(await fresh<Rounds['floor'][0]>('floor', folder, {}));
    rounds.whole.push(await fresh<ProcessCost>('whole', to, server.environment));
    await rm(to, { recursive: true });
    rounds.stages.push(await fresh<Row[]>('stages', to, server.environment));
    await rm(to, { recursive: true });
  }
  return { node: process.version, runs, scale, answers, ...summarise(rounds) };
}

/** What a file of this folder tells, run in a fresh process that sees no other environment. */
async function fresh<T>(name: string, argument: string, environment: Record<string, string>): Promise<T> {
  const script = join(import.meta.dirname, `${name}.ts`);
  const { stdout } = await promisify(execFile)(process.execPath, [script, argument], { env: environment });
  return JSON.parse(stdout) as T;
}
