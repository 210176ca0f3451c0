// Texts and lists that all metadata files share: the data files, the title, the usage warnings, the contact.
import {
  countryCsv,
  countryParquet,
  countryXlsx,
  releaseFolder,
  WORLD_XLSX,
  wholeCsv,
  wholeParquet,
} from '../../release/layout.ts';
import type { Manifest, ManifestFile } from '../../release/manifest.ts';
import { TABLES, type TableName } from '../../table/schema.ts';

/** Input of the metadata: the parts of the manifest that are known before the metadata files are built. */
export type MetadataInput = Pick<
  Manifest,
  | 'dataset'
  | 'api_version'
  | 'synthetic'
  | 'visibility'
  | 'release'
  | 'created_at'
  | 'schema_version'
  | 'licence'
  | 'credit'
  | 'citation'
  | 'contact'
  | 'tables'
  | 'files'
  | 'generator'
> & {
  /** The address of the prefix for readers, `https://example.org/dtm/`; null on a laptop. */
  readonly publicUrl: string | null;
  /** `s3://bucket/prefix/`; null if it is not known. */
  readonly prefix: string | null;
};

/** A file with rows of one table, for one country or for all. */
export interface DataFile extends ManifestFile {
  readonly table: TableName;
  readonly format: 'parquet' | 'csv';
}

/** The release's data files in the manifest's order, without texts, workbooks and changes. */
export const dataFilesOf = ({ files }: MetadataInput): DataFile[] => files.filter(isDataFile);

function isDataFile(file: ManifestFile): file is DataFile {
  const table = TABLES.find((name) => name === file.table);
  if (!table) return false;
  const { country, path } = file;
  if (country === null) return path === wholeParquet(table) || path === wholeCsv(table);
  if (table === 'admin0' || table === 'admin1' || table === 'admin2')
    return path === countryParquet(table, country) || path === countryCsv(table, country);
  return false;
}

/** The release's Excel workbooks in the manifest's order: one for each country, and one with the totals of all. */
export const workbooksOf = ({ files }: Pick<MetadataInput, 'files'>): ManifestFile[] =>
  files.filter(({ country, path }) => path === (country === null ? WORLD_XLSX : countryXlsx(country)));

/** The description of a workbook, in one sentence. */
export const workbookText = ({ country }: ManifestFile): string =>
  `${country === null ? 'Totals of all countries' : `All rows of ${country}`} for spreadsheets: a sheet a table, and a first one on what the columns mean and what misleads.`;

export const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

export const titleOf = ({
  synthetic,
  api_version,
}: Pick<MetadataInput, 'synthetic' | 'api_version'>): string =>
  `Internally displaced persons, DTM API ${api_version}${synthetic ? ' (invented figures)' : ''}`;

/**
 * The release as a semantic version, which metadata standards require: `2026-11-24.1` becomes `2026.1124.1`. A later
 * release has a greater version.
 */
export function versionOf({ release }: Pick<MetadataInput, 'release'>): string {
  const [year, month, day, counter] = release.split(/[-.]/).map(Number);
  return `${year}.${(month ?? 0) * 100 + (day ?? 0)}.${counter}`;
}

/** Warnings for readers who add up figures. No schema can express them. */
export function usageWarnings({ api_version }: Pick<MetadataInput, 'api_version'>): string[] {
  return [
    'A row is a stock at a date, not a flow: never add across dates.',
    'Levels repeat the same people: never add across admin0, admin1 and admin2.',
    'Operations of one country overlap, and assessment types count the same people: never add across either.',
    ...(api_version === 'v3'
      ? ['Within one snapshot add up reasons and origins: an area has many rows.']
      : []),
    'The newest snapshot is the one of the latest date, then round: rounds are not monotonic.',
    'An operation that is called Active can be years old: judge its age by its own interval.',
    'History is revised, and id is reassigned: compare releases by content, never by id.',
    'P-codes are text as sent: formats differ and one area can have two.',
    ...(api_version === 'v3'
      ? ['Sex and origin are often missing, and males and females need not add up to the total.']
      : []),
  ];
}

/** Says what was counted; for invented figures, that nothing was counted. */
export const sourceOf = ({ synthetic }: Pick<MetadataInput, 'synthetic'>): string =>
  synthetic
    ? 'Invented figures of a simulator, for trying things out: nothing here was counted.'
    : 'Counts of internally displaced persons by country, area, operation and date, as the DTM API gives them.';

/** The description of the dataset: its source and all usage warnings. */
export const descriptionOf = (input: Pick<MetadataInput, 'synthetic' | 'api_version'>): string =>
  [sourceOf(input), ...usageWarnings(input)].join(' ');

export const keywordsOf = ({ synthetic }: MetadataInput): string[] => [
  'displacement',
  'internally displaced persons',
  'IDP',
  ...(synthetic ? ['synthetic'] : ['IOM', 'DTM', 'humanitarian']),
];

/** The organisation that counted: the credit without its first word. */
export const creatorOf = ({ credit }: Pick<MetadataInput, 'credit'>): string =>
  credit.replace(/^Source: /, '');

/** The address of the release's files, ending in `/`; null on a laptop. */
export const releaseUrl = ({ publicUrl, release }: MetadataInput): string | null =>
  publicUrl === null ? null : `${ensureTrailingSlash(publicUrl)}${releaseFolder(release)}`;

export const ensureTrailingSlash = (address: string): string =>
  address.endsWith('/') ? address : `${address}/`;

export const isUrl = (text: string): boolean => /^https?:\/\/\S+$/.test(text) && URL.canParse(text);

/** The URL or e-mail address of a contact; empty if it is another text. */
export function contactParts(contact: string): { url?: string; email?: string } {
  if (isUrl(contact)) return { url: contact };
  // CFF: the last part of a domain has two characters or more.
  return /^[^\s@<>"',;]+@[^\s@<>"',;]+\.[^\s@<>"',;]{2,}$/.test(contact) ? { email: contact } : {};
}
