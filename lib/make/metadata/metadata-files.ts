// Builds the metadata files of a release. Other tools use them to find, check and query the data files.
import { jsonBytes } from '../../release/digest.ts';
import { tableSchemaPath } from '../../release/layout.ts';
import type { ManifestFile } from '../../release/manifest.ts';
import { TABLES, tablesOf } from '../../table/schema.ts';
import { type BuiltFile, createManifestEntry } from '../built-file.ts';
import { athenaSql } from './athena.ts';
import { citationCff, citationText } from './citation.ts';
import { croissant } from './croissant.ts';
import { dataPackage } from './data-package.ts';
import type { MetadataInput } from './describe.ts';
import { duckdbSql } from './duckdb.ts';
import { tableSchema } from './table-schema.ts';

/** Paths below a release's folder, in the order in which they are built. The table schemas come before them. */
export const METADATA = [
  'CITATION.txt',
  'CITATION.cff',
  'datapackage.json',
  'croissant.json',
  'sql/athena.sql',
  'sql/duckdb.sql',
] as const;

/** The metadata files. Each depends only on `input`. */
export function metadataFiles(input: MetadataInput): BuiltFile[] {
  const [citationPath, cffPath, datapackagePath, croissantPath, athenaPath, duckdbPath] = METADATA;
  const schemas = tablesOf(input.api_version);
  return [
    ...TABLES.map((table) =>
      createFile(tableSchemaPath(table), 'json', jsonBytes(tableSchema(schemas[table]))),
    ),
    createFile(citationPath, 'text', Buffer.from(citationText(input))),
    createFile(cffPath, 'text', Buffer.from(citationCff(input))),
    createFile(datapackagePath, 'json', jsonBytes(dataPackage(input))),
    createFile(croissantPath, 'json', escapeForHtml(jsonBytes(croissant(input)))),
    createFile(athenaPath, 'text', Buffer.from(athenaSql(input))),
    createFile(duckdbPath, 'text', Buffer.from(duckdbSql(input))),
  ];
}

function createFile(path: string, format: ManifestFile['format'], body: Uint8Array): BuiltFile {
  return { entry: createManifestEntry(path, format, body), body, statistics: null };
}

/** Croissant: pages embed this JSON-LD unchanged, and `</script>` in it would end the script element. */
const escapeForHtml = (json: Uint8Array): Uint8Array =>
  Buffer.from(Buffer.from(json).toString('utf8').replaceAll('<', '\\u003c'));
