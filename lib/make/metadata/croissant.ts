// `croissant.json`: Croissant 1.1. It lists every data file with its SHA-256, and for each table one record set that
// describes the columns of its Parquet file.
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

/** The JSON-LD document. Without a public URL, it refers to the files by relative paths. */
export function croissant(input: MetadataInput): unknown {
  const url = releaseUrl(input) ?? '';
  return {
    '@context': CROISSANT_CONTEXT,
    '@type': 'sc:Dataset',
    conformsTo: 'http://mlcommons.org/croissant/1.1',
    name: input.dataset,
    alternateName: titleOf(input),
    description: descriptionOf(input),
    url: pageOf(input),
    version: versionOf(input),
    identifier: input.release,
    datePublished: input.created_at,
    keywords: keywordsOf(input),
    license: licenceOf(input.licence, url),
    usageInfo: { '@type': 'sc:CreativeWork', name: 'Terms of use', text: input.licence },
    creditText: input.credit,
    citeAs: input.citation,
    creator: { '@type': 'sc:Organization', name: creatorOf(input) },
    ...(input.contact && { publisher: publisherOf(input.contact) }),
    schemaVersion: input.schema_version,
    'rai:dataLimitations': usageWarnings(input),
    distribution: [
      ...dataFilesOf(input).map((file) => fileObject(file, url, describeTableFile(file))),
      ...workbooksOf(input).map((file) =>
        fileObject(file, url, { description: workbookText(file), encodingFormat: XLSX_TYPE }),
      ),
    ],
    recordSet: recordSets(input),
  };
}

/** The address of the release on the page; without a public URL a relative path: the page is two folders above. */
const pageOf = ({ publicUrl, release }: MetadataInput): string =>
  publicUrl === null ? `../../${PAGE}` : releasePage(publicUrl, release);

/** Croissant: the licence is a URL, or a CreativeWork that describes the terms. */
const licenceOf = (licence: string, url: string) =>
  isUrl(licence)
    ? licence
    : { '@type': 'sc:CreativeWork', name: 'Terms of use', description: licence, url: `${url}LICENSE.txt` };

const publisherOf = (contact: string) => ({
  '@type': 'sc:Organization',
  name: contact,
  ...contactParts(contact),
});

/** mlcroissant 1.1.1 reads Parquet only under this name. It detects gzipped CSV by its first bytes. */
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

/** Croissant: the types of a Parquet file's columns. */
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
