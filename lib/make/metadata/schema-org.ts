// The release as a schema.org Dataset. The page embeds it, so that search engines and catalogues find the dataset. It
// lists only the whole tables and the workbook of all countries; the data package lists the other 350 files.
import type { DataDownload, Dataset, Place, PropertyValue, WithContext } from 'schema-dts';
import { MANIFEST, PAGE, releaseKey } from '../../release/layout.ts';
import type { ManifestFile } from '../../release/manifest.ts';
import { PRESENT, SEXES } from '../../table/definitions.ts';
import { releasePage } from './citation.ts';
import {
  contactParts,
  creatorOf,
  dataFilesOf,
  descriptionOf,
  ensureTrailingSlash,
  isUrl,
  keywordsOf,
  type MetadataInput,
  titleOf,
  versionOf,
  workbooksOf,
  XLSX_TYPE,
} from './describe.ts';

/** The extent of the figures: dates of the first and the last count (null if there is none), and the countries. */
export interface DatasetExtent {
  readonly from: string | null;
  readonly to: string | null;
  readonly countries: readonly { readonly code: string; readonly name: string }[];
}

const IOM = 'https://dtm.iom.int/';

/**
 * The JSON-LD. Addresses are absolute if the public URL is known, else relative to the page.
 * Google: name and description (50 to 5000 characters) are required, the rest is recommended. `citation` is for articles
 * about the dataset, not for the dataset itself. The page of a private dataset has it too: no crawler reaches that page.
 */
export function schemaOrg(input: MetadataInput, extent: DatasetExtent): WithContext<Dataset> {
  const { dataset, release, created_at, synthetic, licence, credit, contact, publicUrl } = input;
  const at = (key: string): string =>
    publicUrl === null ? key : new URL(key, ensureTrailingSlash(publicUrl)).href;
  const creator = creatorOf(input);
  return {
    '@context': 'https://schema.org',
    '@type': 'Dataset',
    name: titleOf(input),
    alternateName: dataset,
    description: descriptionOf(input),
    url: publicUrl === null ? PAGE : releasePage(publicUrl, release),
    identifier: at(releaseKey(release, MANIFEST)),
    version: versionOf(input),
    datePublished: created_at,
    dateModified: created_at,
    keywords: keywordsOf(input),
    license: isUrl(licence)
      ? licence
      : {
          '@type': 'CreativeWork',
          name: 'Terms of use',
          text: licence,
          url: at(releaseKey(release, 'LICENSE.txt')),
        },
    creditText: credit,
    creator: { '@type': 'Organization', name: creator, ...(!synthetic && { url: IOM }) },
    ...(contact && { publisher: { '@type': 'Organization', name: contact, ...contactParts(contact) } }),
    ...(input.visibility === 'public' && { isAccessibleForFree: true }),
    ...(extent.from !== null && { temporalCoverage: `${extent.from}/${extent.to}` }),
    spatialCoverage: extent.countries.map(placeOf),
    variableMeasured: variablesOf(input),
    ...(!synthetic && {
      isBasedOn: 'https://dtm.iom.int/data-and-analysis/dtm-api',
      measurementTechnique:
        'Baseline and site assessments in rounds, by operation of the Displacement Tracking Matrix',
    }),
    distribution: [...dataFilesOf(input), ...workbooksOf(input)]
      .filter(({ country }) => country === null)
      .map((file) => downloadOf(file, at(releaseKey(release, file.path)))),
  };
}

const placeOf = ({ code, name }: DatasetExtent['countries'][number]): Place => ({
  '@type': 'Country',
  name,
  identifier: { '@type': 'PropertyValue', propertyID: 'ISO 3166-1 alpha-3', value: code },
});

/** The measures that every level has. v2 has no counts by sex. */
const variablesOf = ({ api_version }: MetadataInput): PropertyValue[] =>
  [PRESENT, ...(api_version === 'v3' ? SEXES : [])].map(({ name, description, unit }) => ({
    '@type': 'PropertyValue',
    name,
    description,
    ...(unit && { unitText: unit }),
  }));

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  parquet: 'application/vnd.apache.parquet',
  csv: 'application/gzip',
  xlsx: XLSX_TYPE,
};

const TITLES: Readonly<Record<string, string>> = {
  parquet: 'Parquet',
  csv: 'CSV, gzipped',
  xlsx: 'Excel workbook',
};

const downloadOf = (
  { path, table, format, bytes, sha256 }: ManifestFile,
  contentUrl: string,
): DataDownload => ({
  '@type': 'DataDownload',
  name: `${table}, ${TITLES[format] ?? format}`,
  contentUrl,
  encodingFormat: MEDIA_TYPES[format] ?? 'application/octet-stream',
  contentSize: `${bytes} B`,
  sha256,
  ...(path.endsWith('.gz') && { description: 'Comma-separated values in UTF-8, compressed by gzip' }),
});
