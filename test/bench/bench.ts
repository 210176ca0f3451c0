// `npm run bench`: measures the cost of an export and compares it with targets. Options are in options.ts.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { describeMachine } from './machine.ts';
import { measure } from './measure.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { markdown, table, writePage } from './render.ts';
import { reportOf, summaryText } from './report.ts';
import { needsOf } from './rows/rows.ts';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function bench(options: Options): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'dtm-exporter-bench-'));
  try {
    const machine = describeMachine();
    const result = await measure({ ...options, needs: needsOf(options.rows), folder, say: print });
    const report = await reportOf(options, machine, result);
    print(`\n${summaryText(report)}\n\n${table(report.lines)}`);
    await mkdir(dirname(options.json), { recursive: true });
    await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
    print(`\nWritten to ${relative(process.cwd(), options.json)}`);
    if (options.docs) await writePage(`${summaryText(report)}\n\n${markdown(report.lines)}`);
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
  const isBug = error instanceof TypeError || error instanceof ReferenceError;
  process.stderr.write(`bench: ${isBug ? stack : message.split('\n')[0]}\n`);
  process.exitCode = 1;
}
