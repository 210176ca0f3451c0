// Identifies the inputs of measured processes by SHA-256, so that measurements of different inputs are never compared.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Plan } from '../../lib/run/plan.ts';
import { type UnitReport, unitName } from '../../lib/run/units/unit.ts';

/** All answers of a folder: SHA-256 by name (`admin1/HTI`, `countries`, `operations`). */
export interface Inputs {
  readonly answers: ReadonlyMap<string, string>;
  readonly bytes: number;
  /** SHA-256 of all their hashes. */
  readonly sha256: string;
}

/** The inputs that a run has recorded. */
export interface RunInputs {
  readonly answers: ReadonlyMap<string, string>;
  readonly rows: number;
}

/** Two measurements had different inputs. */
export class DifferentInputsError extends Error {
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

/** Reads the inputs of an export from the files of its run. */
export async function readRunInputs(folder: string, run: string): Promise<RunInputs> {
  const read = async (name: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, 'runs', run, name), 'utf8'));
  const { lists_sha256 } = (await read('plan.json')) as Plan;
  const { units } = (await read('report.json')) as { units: readonly UnitReport[] };
  const answers = new Map<string, string>(Object.entries(lists_sha256));
  for (const unit of units) answers.set(unitName(unit), unit.raw_sha256 ?? `none (${unit.reason})`);
  return { answers, rows: units.reduce((sum, { rows }) => sum + rows, 0) };
}

/** Checks that a run had the expected inputs. @throws {DifferentInputsError} for the first other answer, or another number of rows */
export function checkSameInputs(name: string, actual: RunInputs, expected: RunInputs): void {
  const refuse = (difference: string) => {
    throw new DifferentInputsError(
      `${name} is compared with nothing, since its input was another: ${difference}`,
    );
  };
  for (const answer of new Set([...expected.answers.keys(), ...actual.answers.keys()])) {
    const [actualHash, expectedHash] = [actual.answers.get(answer), expected.answers.get(answer)];
    if (actualHash !== expectedHash)
      refuse(`answer ${answer} had SHA-256 ${actualHash ?? 'none'}, expected ${expectedHash ?? 'none'}`);
  }
  if (actual.rows !== expected.rows) refuse(`it had ${actual.rows} rows, expected ${expected.rows}`);
}
