// Every file with a schema that a test leaves behind is held against it: what the program writes cannot drift from
// `docs/schemas/`, whatever the test was about.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RELEASE_ID } from '../lib/release/layout.ts';
import {
  findFileSchemaProblems,
  RELEASE_SCHEMAS,
  ROOT_SCHEMAS,
  type SchemaName,
} from '../lib/verify/json-schemas.ts';

const IN_RELEASE = /(?:^|\/)releases\/([^/]+)\/(.+)$/;

/** The schema of a file, by its path; null if it has none. */
function schemaOf(path: string): SchemaName | null {
  const [, release, inRelease] = IN_RELEASE.exec(path) ?? [];
  if (release && inRelease) return RELEASE_ID.test(release) ? (RELEASE_SCHEMAS.get(inRelease) ?? null) : null;
  const name = path.split('/').at(-1) ?? '';
  return Object.entries(ROOT_SCHEMAS).find(([file]) => file === name)?.[1] ?? null;
}

/** Holds every file below a folder that has a schema against it; resolves to how many there were. */
export async function checkSchemas(folder: string): Promise<number> {
  const found = existsSync(folder) ? await readdir(folder, { recursive: true }) : [];
  const paths = found.map((path) => path.replaceAll('\\', '/'));
  const filesWithSchema = paths.flatMap((path) => {
    const shape = schemaOf(path);
    return shape ? [{ path, shape }] : [];
  });
  for (const { path, shape } of filesWithSchema)
    assert.deepEqual(findFileSchemaProblems(shape, await readFile(join(folder, path))), [], path);
  return filesWithSchema.length;
}
