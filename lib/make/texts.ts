// Builds the licence, schema, quality and checksum files of a release. They depend only on the identity, the terms, the
// quality checks and the list of files.
import { jsonBytes } from '../release/digest.ts';
import { CHECKSUMS } from '../release/layout.ts';
import type { ManifestFile } from '../release/manifest.ts';
import { creditOf, type Identity, type Terms } from '../release/terms.ts';
import { SCHEMA_VERSION, TABLES, tablesOf } from '../table/schema.ts';
import { type BuiltFile, createManifestEntry } from './built-file.ts';
import type { Quality } from './quality/assess.ts';

/** `schema.json`: every table with its sort order, and its columns with types and descriptions. */
export function schemaJson(identity: Identity): Uint8Array {
  const schemas = tablesOf(identity.api_version);
  const tables = TABLES.map((table) => {
    const { name, description, columns, sortBy } = schemas[table];
    return {
      name,
      description,
      sorted_by: sortBy,
      columns: columns.map((column) => ({
        name: column.name,
        type: column.type,
        nullable: column.nullable,
        api_field: column.field ?? null,
        hxl: column.hxl ?? null,
        description: column.description,
      })),
    };
  });
  return jsonBytes({ schema_version: SCHEMA_VERSION, dataset: identity.dataset, tables });
}

const textFile = (path: string, content: string): BuiltFile =>
  createTextFile(path, 'text', Buffer.from(content));

function createTextFile(path: string, format: 'json' | 'text', body: Uint8Array): BuiltFile {
  return { entry: createManifestEntry(path, format, body), body, statistics: null };
}

/** `LICENSE.txt`, `schema.json` and `quality.json`. */
export function textFiles(
  identity: Identity,
  terms: Terms,
  { release, quality }: { release: string; quality: Quality },
): BuiltFile[] {
  const credit = creditOf(identity.synthetic);
  return [
    textFile('LICENSE.txt', `${terms.licence}\n${credit}.\n`),
    createTextFile('schema.json', 'json', schemaJson(identity)),
    createTextFile('quality.json', 'json', jsonBytes({ release, ...quality })),
  ];
}

/** `SHA256SUMS` of these files, in the format that `sha256sum -c` reads. */
export function checksumsFile(files: readonly ManifestFile[]): BuiltFile {
  return textFile(CHECKSUMS, files.map(({ sha256, path }) => `${sha256}  ${path}\n`).join(''));
}
