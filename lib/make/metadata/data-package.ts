// `datapackage.json`: Data Package 2.0 with one resource for each data file, so each file can be validated alone. Table
// schemas are separate files: repeated in some 350 resources, they would take 2 MB.
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

/** The descriptor. Data Package: the paths of its own files must be relative to the descriptor. */
export function dataPackage(input: MetadataInput): unknown {
  const schemas = tablesOf(input.api_version);
  const url = releaseUrl(input);
  return {
    $schema: 'https://datapackage.org/profiles/2.0/datapackage.json',
    name: input.dataset,
    ...(url && { id: `${url}datapackage.json`, homepage: input.publicUrl }),
    title: titleOf(input),
    description: descriptionOf(input),
    version: versionOf(input),
    release: input.release,
    created: input.created_at,
    keywords: keywordsOf(input),
    licenses: [licenceOf(input.licence)],
    sources: [
      input.synthetic
        ? { title: creatorOf(input) }
        : { title: creatorOf(input), path: API_PAGE, version: input.api_version },
    ],
    contributors: contributorsOf(input),
    credit: input.credit,
    citation: input.citation,
    schema_version: input.schema_version,
    generator: `${input.generator.name} ${input.generator.version}`,
    resources: [
      ...dataFilesOf(input).map((file) => resourceOf(file, schemas[file.table])),
      ...workbooksOf(input).map((file) => workbookResource(file, schemas[SHEET])),
    ],
  };
}

/** Data Package: a licence is a path or URL with a title. A licence text is in the release's LICENSE.txt. */
const licenceOf = (licence: string) =>
  isUrl(licence)
    ? { path: licence, title: 'Terms of use' }
    : { path: 'LICENSE.txt', title: licence.trim() === '' ? 'Terms of use' : licence };

function contributorsOf(input: MetadataInput) {
  const { contact } = input;
  const creator = { title: creatorOf(input), roles: ['creator'] };
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

/** The sheet that every workbook has; its resource describes this sheet. */
const SHEET = 'snapshots';

/**
 * Data Package: a resource of type table is one table, so this one describes the sheet of totals. The other sheets hold
 * the same rows as the CSV and Parquet files. `sheetName` is the standard's key, `excel` that of frictionless 5.
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
