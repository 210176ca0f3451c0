// `croissant.json`: Croissant 1.1, every data file with its SHA-256, and one record set a table over its Parquet file.

import { PAGE, wholeParquet } from '../../release/layout.ts';
import type { ManifestFile } from '../../release/manifest.ts';
import type { ColumnType } from '../../table/definitions.ts';
import { TABLES, tablesOf } from '../../table/schema.ts';
import { releasePage } from './citation.ts';
import { CROISSANT_CONTEXT } from './croissant-context.ts';
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
  usageWarnings,
  versionOf,
  workbooksOf,
  workbookText,
  XLSX_TYPE,
} from './describe.ts';

/** The JSON-LD document; without a public URL its files are named relative to it. */
export function croissant(described: MetadataInput): unknown {
  const url = releaseUrl(described) ?? '';
  return {
    '@context': CROISSANT_CONTEXT,
    '@type': 'sc:Dataset',
    conformsTo: 'http://mlcommons.org/croissant/1.1',
    name: described.dataset,
    alternateName: titleOf(described),
    description: descriptionOf(described),
    url: pageOf(described),
    version: versionOf(described),
    identifier: described.release,
    datePublished: described.created_at,
    keywords: keywordsOf(described),
    license: licenceOf(described.licence, url),
    usageInfo: { '@type': 'sc:CreativeWork', name: 'Terms of use', text: described.licence },
    creditText: described.credit,
    citeAs: described.citation,
    creator: { '@type': 'sc:Organization', name: creatorOf(described) },
    ...(described.contact && { publisher: publisherOf(described.contact) }),
    schemaVersion: described.schema_version,
    'rai:dataLimitations': usageWarnings(described),
    distribution: [
      ...dataFilesOf(described).map((file) => fileObject(file, url, describeTableFile(file))),
      ...workbooksOf(described).map((file) =>
        fileObject(file, url, { description: workbookText(file), encodingFormat: XLSX_TYPE }),
      ),
    ],
    recordSet: recordSets(described),
  };
}

/** The page, where somebody who follows the address finds something; it lies two folders above. */
const pageOf = ({ publicUrl, release }: MetadataInput): string =>
  publicUrl === null ? `../../${PAGE}` : releasePage(publicUrl, release);

/** Croissant: a URL, or a work that describes the terms. */
const licenceOf = (licence: string, url: string) =>
  isUrl(licence)
    ? licence
    : { '@type': 'sc:CreativeWork', name: 'Terms of use', description: licence, url: `${url}LICENSE.txt` };

const publisherOf = (contact: string) => ({
  '@type': 'sc:Organization',
  name: contact,
  ...contactParts(contact),
});

/** mlcroissant 1.1.1 reads Parquet under this name, and gunzips CSV by its first bytes. */
const ENCODINGS = { parquet: 'application/x-parquet', csv: ['text/csv', 'application/gzip'] } as const;

const describeTableFile = ({ table, country, format }: DataFile) => ({
  description: `${table}, ${country ?? 'all countries'}`,
  encodingFormat: ENCODINGS[format],
});

const fileObject = ({ path, bytes, sha256 }: ManifestFile, url: string, part: object) => ({
  '@type': 'cr:FileObject',
  '@id': path,
  name: path,
  contentUrl: `${url}${path}`,
  contentSize: `${bytes} B`,
  ...part,
  sha256,
});

/** Croissant: the Parquet file's own types. */
const DATA_TYPES: Record<ColumnType, string> = {
  string: 'sc:Text',
  int32: 'cr:Int32',
  int64: 'cr:Int64',
  date: 'sc:Date',
  boolean: 'sc:Boolean',
};

function recordSets({ api_version }: MetadataInput) {
  const schemas = tablesOf(api_version);
  return TABLES.map((table) => ({
    '@type': 'cr:RecordSet',
    '@id': table,
    name: table,
    description: schemas[table].description,
    field: schemas[table].columns.map(({ name, type, nullable, description }) => ({
      '@type': 'cr:Field',
      '@id': `${table}/${name}`,
      name,
      description: nullable ? `${description} Nullable.` : description,
      dataType: DATA_TYPES[type],
      source: { fileObject: { '@id': wholeParquet(table) }, extract: { column: name } },
    })),
  }));
}
