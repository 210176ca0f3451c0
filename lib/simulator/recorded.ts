// Serves recorded answers from a folder (`admin0-HTI.json`, `country-list.json`, ...). All are of one version of the API.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiVersion, Level } from '../dtm/endpoints.ts';
import type { AnswerSource } from './answer-source.ts';
import type { Row } from './world/rows.ts';

const ADMIN_FILE = /^admin([012])-([A-Z]{3})\.json$/;

function resultOf(bytes: Uint8Array | null): readonly Row[] {
  if (!bytes) return [];
  const { result } = JSON.parse(new TextDecoder().decode(bytes)) as { result: readonly Row[] };
  return result;
}

/** The API version of the rows: only v3 has reasons. A folder without rows counts as v3. */
function versionOf(files: readonly string[], read: (name: string) => readonly Row[]): ApiVersion {
  for (const file of files) {
    const [row] = read(file.replace(/\.json$/, ''));
    if (row) return 'displacementReason' in row ? 'v3' : 'v2';
  }
  return 'v3';
}

/** Opens a folder of recorded answers. @throws {Error} if it holds none */
export function openRecorded(folder: string): AnswerSource {
  const entries = existsSync(folder) ? readdirSync(folder).sort() : [];
  const files = entries.filter((file) => ADMIN_FILE.test(file));
  const lists = entries.filter((file) => file === 'country-list.json' || file === 'operation-list.json');
  if (files.length + lists.length === 0) {
    throw new Error(`answers: ${folder} holds no admin0-XXX.json, country-list.json or the like`);
  }
  const served = new Set([...files, ...lists]);
  const recorded = (name: string) =>
    served.has(`${name}.json`) ? readFileSync(join(folder, `${name}.json`)) : null;
  const rowsIn = (name: string) => resultOf(recorded(name));
  const codes = [...new Set(files.map((file) => ADMIN_FILE.exec(file)?.[2] ?? ''))];
  const countries = codes.map((iso3) => {
    const row = files.filter((file) => file.includes(iso3)).flatMap((f) => rowsIn(f.replace('.json', '')))[0];
    return { iso3, name: String(row?.admin0Name ?? iso3) };
  });
  return {
    synthetic: false,
    versions: [versionOf(files, rowsIn)],
    countries,
    recorded,
    mayHaveRows: () => true,
    countryList: () => rowsIn('country-list'),
    operationList: () => rowsIn('operation-list'),
    rows: (_version: ApiVersion, level: Level, iso3: string) => rowsIn(`admin${level}-${iso3}`),
  };
}
