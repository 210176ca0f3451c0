// The metadata of a release: what other tools read to find, check and query its data files.

import { jsonBytes } from '../../release/digest.ts';
import { tableSchemaPath } from '../../release/layout.ts';
import type { ManifestFile } from '../../release/manifest.ts';
import { TABLES, tablesOf } from '../../table/schema.ts';
import { type BuiltFile, createManifestEntry } from '../data-files.ts';
import { athenaSql } from './athena.ts';
import { citationCff, citationText } from './citation.ts';
import { croissant } from './croissant.ts';
import { dataPackage } from './data-package.ts';
import type { MetadataInput } from './describe.ts';
import { duckdbSql } from './duckdb.ts';
import { tableSchema } from './table-schema.ts';

export type { MetadataInput as Described } from './describe.ts';

/** Paths below a release's folder, in the order in which they are made; the schemas of tables come before. */
export const METADATA = [
  'CITATION.txt',
  'CITATION.cff',
  'datapackage.json',
  'croissant.json',
  'sql/athena.sql',
  'sql/duckdb.sql',
] as const;

/** The metadata files, each a function of `described` alone. */
export function metadataFiles(described: MetadataInput): BuiltFile[] {
  const [citationPath, cffPath, datapackagePath, croissantPath, athenaPath, duckdbPath] = METADATA;
  const schemas = tablesOf(described.api_version);
  return [
    ...TABLES.map((table) =>
      createFile(tableSchemaPath(table), 'json', jsonBytes(tableSchema(schemas[table]))),
    ),
    createFile(citationPath, 'text', Buffer.from(citationText(described))),
    createFile(cffPath, 'text', Buffer.from(citationCff(described))),
    createFile(datapackagePath, 'json', jsonBytes(dataPackage(described))),
    createFile(croissantPath, 'json', escapeForHtml(jsonBytes(croissant(described)))),
    createFile(athenaPath, 'text', Buffer.from(athenaSql(described))),
    createFile(duckdbPath, 'text', Buffer.from(duckdbSql(described))),
  ];
}

function createFile(path: string, format: ManifestFile['format'], body: Uint8Array): BuiltFile {
  return { entry: createManifestEntry(path, format, body), body, statistics: null };
}

/** Croissant: its JSON-LD is put into pages as it is, where `</script>` would end it. */
const escapeForHtml = (json: Uint8Array): Uint8Array =>
  Buffer.from(Buffer.from(json).toString('utf8').replaceAll('<', '\\u003c'));
