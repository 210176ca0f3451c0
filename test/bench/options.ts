// The options of `npm run bench`.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROW_NAMES, type RowName } from './rows/rows.ts';

const CACHE = resolve(import.meta.dirname, '../../.cache');

export interface Options {
  /** Number of rounds; each round runs every take once. */
  readonly runs: number;
  /** Scale of the world; targets are for 1. */
  readonly scale: number;
  readonly rows: readonly RowName[];
  readonly json: string;
  /** True to write the result into docs/performance.md too. */
  readonly docs: boolean;
}

/** Rows that take minutes. */
const LONG: readonly RowName[] = ['growth', 'latency'];

export const HELP = `npm run bench -- [options]

Measures what an export costs, in rounds of fresh processes, and compares what was written.
The floor, of which figures are multiples, is to read the same bytes and JSON.parse them.

  --quick        one round, without ${LONG.join(' and ')}: less than two minutes
  --runs N       rounds (default 5); figures are medians
  --rows ROWS    ${ROW_NAMES.join(',')}
  --scale X      of the synthetic world (default 1: 220,000 rows, which the targets are for)
  --json FILE    where the result goes (default .cache/bench.json)
  --docs         puts the table into docs/performance.md too
  --help

A missed target is no error; different inputs, and outputs that should be equal and are not, are.
Nothing else should run meanwhile.`;

/** Parses the command's arguments; null means `--help`. @throws {Error} with the wrong option and the allowed values */
export function readOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      runs: { type: 'string' },
      rows: { type: 'string' },
      scale: { type: 'string', default: '1' },
      json: { type: 'string', default: resolve(CACHE, 'bench.json') },
      docs: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const { quick, json, docs } = values;
  const defaultRows = quick ? ROW_NAMES.filter((name) => !LONG.includes(name)) : ROW_NAMES;
  const runs = Number(values.runs ?? (quick ? 1 : 5));
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: expected 1 or more`);
  const scale = Number(values.scale);
  if (!(scale > 0 && scale <= 50)) throw new Error(`--scale ${values.scale}: expected above 0, up to 50`);
  const rows = values.rows ? rowsOf(values.rows) : defaultRows;
  if (docs && rows.length < ROW_NAMES.length)
    throw new Error('--docs puts all rows into docs/performance.md: leave --quick and --rows out');
  return { runs, scale, rows, json: resolve(json), docs };
}

function rowsOf(text: string): RowName[] {
  const names = text.split(',');
  const unknown = names.filter((name) => !ROW_NAMES.some((rowName) => rowName === name));
  if (unknown.length > 0) throw new Error(`--rows ${unknown.join(',')}: allowed are ${ROW_NAMES.join(', ')}`);
  return ROW_NAMES.filter((name) => names.includes(name));
}
