// `npm run bench`: what an export costs, row by row, beside its targets; options.ts says what it can be told.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { describeMachine } from './machine.ts';
import { measure } from './measure.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { markdown, table, writePage } from './render.ts';
import { inWords, reportOf } from './report.ts';
import { needsOf } from './rows/rows.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function bench(options: Options): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'dtm-exporter-bench-'));
  try {
    const machine = describeMachine();
    const result = await measure({ ...options, needs: needsOf(options.rows), folder, say: print });
    const report = await reportOf(options, machine, result);
    print(`\n${inWords(report)}\n\n${table(report.lines)}`);
    await mkdir(dirname(options.json), { recursive: true });
    await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
    print(`\nWritten to ${relative(process.cwd(), options.json)}`);
    if (options.docs) await writePage(`${inWords(report)}\n\n${markdown(report.lines)}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options) await bench(options);
  else print(HELP);
} catch (error) {
  const { message, stack } = error as Error;
  const isMistake = error instanceof TypeError || error instanceof ReferenceError;
  process.stderr.write(`bench: ${isMistake ? stack : message.split('\n')[0]}\n`);
  process.exitCode = 1;
}
