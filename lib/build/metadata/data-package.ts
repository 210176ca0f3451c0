// `datapackage.json`: Data Package 2.0, one resource a data file, so that any of them can be validated by itself. The
// schema of a table stands in a file of its own: in each of some 350 resources it would be 2 MB.

import { tableSchemaPath } from '../../release/layout.ts';
import type { ManifestFile } from '../../release/manifest.ts';
import { type TableSchema, tablesOf } from '../../table/schema.ts';
import {
  contactParts,
  creatorOf,
  type DataFile,
  dataFilesOf,
  descriptionOf,
  isUrl,
  keywordsOf,
  type MetadataInput,
  releaseUrl,
  titleOf,
  versionOf,
  workbooksOf,
  workbookText,
  XLSX_TYPE,
} from './describe.ts';

const API_PAGE = 'https://dtm.iom.int/data-and-analysis/dtm-api';

/** The descriptor. Data Package: paths are relative to it, and it never names an absolute one for its own files. */
export function dataPackage(described: MetadataInput): unknown {
  const schemas = tablesOf(described.api_version);
  const url = releaseUrl(described);
  return {
    $schema: 'https://datapackage.org/profiles/2.0/datapackage.json',
    name: described.dataset,
    ...(url && { id: `${url}datapackage.json`, homepage: described.publicUrl }),
    title: titleOf(described),
    description: descriptionOf(described),
    version: versionOf(described),
    release: described.release,
    created: described.created_at,
    keywords: keywordsOf(described),
    licenses: [licenceOf(described.licence)],
    sources: [
      described.synthetic
        ? { title: creatorOf(described) }
        : { title: creatorOf(described), path: API_PAGE, version: described.api_version },
    ],
    contributors: contributorsOf(described),
    credit: described.credit,
    citation: described.citation,
    schema_version: described.schema_version,
    generator: `${described.generator.name} ${described.generator.version}`,
    resources: [
      ...dataFilesOf(described).map((file) => resourceOf(file, schemas[file.table])),
      ...workbooksOf(described).map((file) => workbookResource(file, schemas[SHEET])),
    ],
  };
}

/** Data Package: a licence is a path or URL with a title; a text of one's own stands in the release's LICENSE.txt. */
const licenceOf = (licence: string) =>
  isUrl(licence)
    ? { path: licence, title: 'Terms of use' }
    : { path: 'LICENSE.txt', title: licence.trim() === '' ? 'Terms of use' : licence };

function contributorsOf(described: MetadataInput) {
  const { contact } = described;
  const creator = { title: creatorOf(described), roles: ['creator'] };
  if (!contact) return [creator];
  const { url, email } = contactParts(contact);
  const parts = { ...(url && { path: url }), ...(email && { email }) };
  return [creator, { title: contact, ...parts, roles: ['publisher', 'contact'] }];
}

function resourceOf({ path, table, country, format, bytes, sha256 }: DataFile, schema: TableSchema) {
  const csv = format === 'csv';
  return {
    name: [table, country?.toLowerCase(), format].filter(Boolean).join('-'),
    path,
    type: 'table',
    title: `${table}, ${country ?? 'all countries'}, ${csv ? 'CSV' : 'Parquet'}`,
    description: schema.description,
    format,
    ...(csv && { compression: 'gz' }),
    mediatype: csv ? 'application/gzip' : 'application/vnd.apache.parquet',
    ...(csv && { encoding: 'utf-8' }),
    bytes,
    hash: `sha256:${sha256}`,
    schema: tableSchemaPath(schema.name),
  };
}

/** The sheet that every workbook has. */
const SHEET = 'snapshots';

/**
 * Data Package: a resource of the type table is one table, so this is the workbook's totals; the other sheets are those
 * that CSV and Parquet describe. The sheet is named as the standard has it, and again as frictionless 5 does.
 */
const workbookResource = (file: ManifestFile, schema: TableSchema) => ({
  name: `${file.country?.toLowerCase() ?? SHEET}-xlsx`,
  path: file.path,
  type: 'table',
  title: `${file.country ?? 'all countries'}, Excel workbook`,
  description: workbookText(file),
  format: 'xlsx',
  mediatype: XLSX_TYPE,
  bytes: file.bytes,
  hash: `sha256:${file.sha256}`,
  dialect: { sheetName: SHEET, excel: { sheet: SHEET } },
  schema: tableSchemaPath(schema.name),
});
