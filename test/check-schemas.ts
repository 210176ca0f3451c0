// Checks the files that a test leaves in a folder against the JSON schemas in `docs/schemas/`. It runs after every test
// with a temporary folder, so the written files cannot differ from the schemas unnoticed.
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

/** The name of a file's schema, by its path; null if it has none. */
function schemaOf(path: string): SchemaName | null {
  const [, release, inRelease] = IN_RELEASE.exec(path) ?? [];
  if (release && inRelease) return RELEASE_ID.test(release) ? (RELEASE_SCHEMAS.get(inRelease) ?? null) : null;
  const name = path.split('/').at(-1) ?? '';
  return Object.entries(ROOT_SCHEMAS).find(([file]) => file === name)?.[1] ?? null;
}

/** Checks every file below a folder that has a schema. Resolves to the number of these files. */
export async function checkSchemas(folder: string): Promise<number> {
  const found = existsSync(folder) ? await readdir(folder, { recursive: true }) : [];
  const paths = found.map((path) => path.replaceAll('\\', '/'));
  const filesWithSchema = paths.flatMap((path) => {
    const schema = schemaOf(path);
    return schema ? [{ path, schema }] : [];
  });
  for (const { path, schema } of filesWithSchema)
    assert.deepEqual(findFileSchemaProblems(schema, await readFile(join(folder, path))), [], path);
  return filesWithSchema.length;
}
