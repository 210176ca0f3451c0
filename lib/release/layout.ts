// Every path, in one place. Keys and folders are relative to the prefix, a release's paths to the release's folder.
import { LEVEL_TABLES, type LevelTable, TABLES, type TableName } from '../table/schema.ts';

export const LATEST = 'latest.json';
export const RELEASES = 'releases.json';
export const STATUS = 'status.json';
export const FEED = 'feed.xml';
export const PAGE = 'index.html';
export const RELEASES_FOLDER = 'releases/';
export const RUNS_FOLDER = 'runs/';
/** The run that has its turn. */
export const LEASE = `${RUNS_FOLDER}lease.json`;
/** The requests for refreshes that wait for their run. */
export const REQUESTS = `${RUNS_FOLDER}requests.json`;
/** Files that the page loads. Their names contain a hash of their content. */
export const ASSETS_FOLDER = 'assets/';

/** `2026-11-24.1`: the UTC date of the claim and a counter. */
export const RELEASE_ID = /^(\d{4}-\d{2}-\d{2})\.([1-9]\d{0,5})$/;

/** `2026-11-24T05-00-00Z`, optionally `-` and 1 to 12 of `[a-z0-9]`. */
export const RUN_ID = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z(-[a-z0-9]{1,12})?$/;

/** The files of a release that its manifest does not list. */
export const CLAIM = 'claim.json';
export const MANIFEST = 'manifest.json';
export const WITHDRAWN = 'withdrawn.json';

/** Checksums of all files of a release that are written before it, except the claim. */
export const CHECKSUMS = 'SHA256SUMS';

export const releaseFolder = (release: string): string => `${RELEASES_FOLDER}${release}/`;
export const releaseKey = (release: string, path: string): string => `${releaseFolder(release)}${path}`;

/** Paths below a release's folder. */
export const wholeParquet = (table: TableName): string => `tables/${table}/${table}.parquet`;
export const countryParquet = (table: LevelTable, country: string): string =>
  `parquet/${table}/country=${country}/${table}-${country}.parquet`;
export const wholeCsv = (table: TableName): string => `csv/${table}.csv.gz`;
export const countryCsv = (table: LevelTable, country: string): string =>
  `csv/${table}/country=${country}/${table}-${country}.csv.gz`;
export const countryXlsx = (country: string): string => `xlsx/${country}.xlsx`;
/** The workbook with the totals of all countries. */
export const WORLD_XLSX = 'xlsx/snapshots.xlsx';

/** The Table Schema file of a table. */
export const tableSchemaPath = (table: TableName): string => `schemas/${table}.json`;

/** Change files, which `prune` never removes. */
export const CHANGES_FOLDER = 'changes/';
export const CHANGES = `${CHANGES_FOLDER}changes.json`;

/** The objects of a run: two for the run itself, three for each unit, one for each country. */
export const runFolder = (run: string): string => `${RUNS_FOLDER}${run}/`;
export const planKey = (run: string): string => `runs/${run}/plan.json`;
/** The request for refreshes that a run answers. */
export const requestKey = (run: string): string => `runs/${run}/request.json`;
/** The countries without an answer of which the operator of the stack was told. */
export const TOLD_GAPS = 'runs/told-gaps.json';
export const reportKey = (run: string): string => `runs/${run}/report.json`;
export const rawKey = (run: string, table: LevelTable, country: string): string =>
  `runs/${run}/raw/${table}/${country}.json.gz`;
export const stagedKey = (run: string, table: LevelTable, country: string): string =>
  `runs/${run}/staged/${table}/${country}.arrow`;
export const unitKey = (run: string, table: LevelTable, country: string): string =>
  `runs/${run}/units/${table}/${country}.json`;

export const countrySummaryKey = (run: string, country: string): string =>
  `runs/${run}/countries/${country}.json`;

/** Orders release ids by date, then counter. */
export function compareReleases(a: string, b: string): number {
  const [, dateA = '', counterA = '0'] = RELEASE_ID.exec(a) ?? [];
  const [, dateB = '', counterB = '0'] = RELEASE_ID.exec(b) ?? [];
  return dateA === dateB ? Number(counterA) - Number(counterB) : dateA < dateB ? -1 : 1;
}

/** Files of a release that belong to no single table, and the table schemas. */
const OTHER_FILES = [
  'LICENSE.txt',
  'CITATION.txt',
  'CITATION.cff',
  'schema.json',
  'quality.json',
  'datapackage.json',
  'croissant.json',
  CHECKSUMS,
  'sql/athena.sql',
  'sql/duckdb.sql',
  WORLD_XLSX,
  CHANGES,
  ...TABLES.map(tableSchemaPath),
];

/**
 * True if a manifest may list this path below its release. Only the exact paths of this layout are allowed: no path
 * outside the release's folder, none that another system reads differently, and no claim, manifest or withdrawal.
 */
export function isReleasePath(path: string): boolean {
  if (OTHER_FILES.includes(path)) return true;
  const country = /(?<=[/=])[A-Z]{3}(?=[/.])/.exec(path)?.[0];
  if (country === undefined)
    return (
      TABLES.some((table) => path === wholeParquet(table) || path === wholeCsv(table)) ||
      LEVEL_TABLES.some((table) => path === `${CHANGES_FOLDER}${table}.parquet`)
    );
  if (path === countryXlsx(country)) return true;
  return LEVEL_TABLES.some(
    (table) => path === countryParquet(table, country) || path === countryCsv(table, country),
  );
}

/** The anchor of a release in the page's list, without `#`. */
export const releaseAnchor = (release: string): string => `release-${release}`;
