// What the processes that are measured are given, by SHA-256: figures of different inputs are never compared.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Plan } from '../../lib/run/plan.ts';
import { type UnitReport, unitName } from '../../lib/run/units/unit.ts';

/** All answers of a folder, by name: `admin1/HTI`, `countries`, `operations`. */
export interface Inputs {
  readonly answers: ReadonlyMap<string, string>;
  readonly bytes: number;
  /** SHA-256 of all their hashes. */
  readonly sha256: string;
}

/** What a process has been given, as far as it tells. */
export interface Seen {
  readonly answers: ReadonlyMap<string, string>;
  readonly rows: number;
}

/** Two figures would stand beside each other that were not measured on the same. */
export class OtherInputsError extends Error {
  override readonly name = 'OtherInputsError';
}

const LISTS: Readonly<Record<string, string>> = {
  'country-list': 'countries',
  'operation-list': 'operations',
};

/** Reads and hashes a folder of answers. */
export async function readInputs(folder: string): Promise<Inputs> {
  const answers = new Map<string, string>();
  let bytes = 0;
  for (const file of (await readdir(folder)).sort()) {
    const hash = createHash('sha256');
    const stream = createReadStream(join(folder, file));
    await pipeline(stream, hash);
    bytes += stream.bytesRead;
    const name = file.replace('.json', '');
    answers.set(LISTS[name] ?? name.replace('-', '/'), hash.digest('hex'));
  }
  const all = createHash('sha256')
    .update(JSON.stringify([...answers]))
    .digest('hex');
  return { answers, bytes, sha256: all };
}

/** What a run of an export has asked for and been answered, by its own files. */
export async function seenByRun(folder: string, run: string): Promise<Seen> {
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, 'runs', run, name), 'utf8'));
  const { lists_sha256 } = (await read('plan.json')) as Plan;
  const { units } = (await read('report.json')) as { units: readonly UnitReport[] };
  const answers = new Map<string, string>(Object.entries(lists_sha256));
  for (const unit of units) answers.set(unitName(unit), unit.raw_sha256 ?? `none (${unit.reason})`);
  return { answers, rows: units.reduce((sum, { rows }) => sum + rows, 0) };
}

/** @throws {OtherInputsError} naming the first answer that is another, or the rows if there are more or fewer */
export function refuseOthers(name: string, seen: Seen, expected: Seen): void {
  const refuse = (what: string) => {
    throw new OtherInputsError(`${name} is compared with nothing, since its input was another: ${what}`);
  };
  for (const answer of new Set([...expected.answers.keys(), ...seen.answers.keys()])) {
    const [was, should] = [seen.answers.get(answer), expected.answers.get(answer)];
    if (was !== should) refuse(`answer ${answer} had SHA-256 ${was ?? 'none'}, expected ${should ?? 'none'}`);
  }
  if (seen.rows !== expected.rows) refuse(`it had ${seen.rows} rows, expected ${expected.rows}`);
}
