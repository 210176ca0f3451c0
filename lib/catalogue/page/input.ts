// The input of `renderPage`. It holds published state only and no time of day, so the same state gives the same bytes.
import type { Manifest } from '../../release/manifest.ts';

/** Paths of the browser files, relative to the page. */
export interface BrowserFiles {
  readonly page: string;
  readonly style: string;
  readonly icon: string;
  readonly charts: string;
  readonly country: string;
  readonly map: string;
  readonly viewer: string;
}

/** A release of the list; `changes` describes its changes in words. */
export interface ListedRelease {
  readonly release: string;
  readonly published_at: string;
  readonly manifest: string;
  readonly schema_version: string;
  readonly rows: Readonly<Record<string, number>>;
  readonly changes: string;
  /** Path of its `changes.json`; null if it has none. */
  readonly changesFile: string | null;
  /** When its data files are or were deleted; null if they are kept. */
  readonly expires_at: string | null;
  readonly withdrawn: { readonly reason: string; readonly date: string } | null;
}

/** Earlier releases with which the page compares the current one, newest first, and the script with what differs. */
export interface EarlierReleases {
  readonly script: string;
  readonly releases: readonly { readonly release: string; readonly published_at: string }[];
}

/** The newest count of one operation and assessment type, at the lowest level that has it. */
export interface NewestCount {
  readonly country: string;
  readonly name: string;
  readonly operation: string;
  readonly assessment_type: string;
  readonly status: string | null;
  readonly date: string;
  readonly round: number;
  readonly level: number;
  readonly idps: number | null;
  readonly usual_days: number | null;
}

/** The release that `latest.json` names. */
export interface CurrentRelease {
  readonly manifest: Manifest;
  readonly published_at: string;
  /** By country, operation and assessment type; null if the release's tables could not be read. */
  readonly newest: readonly NewestCount[] | null;
  /** Names of the countries that the API lists, by code. */
  readonly names: Readonly<Record<string, string>>;
  /** Path of the script with the chart data, by country code. */
  readonly chartScripts: Readonly<Record<string, string>>;
  /** The release as schema.org's Dataset, in JSON-LD, for search engines. */
  readonly structuredData: unknown;
  /** Its BibTeX entry. */
  readonly bibtex: string;
  /** The name of its database in `sql/athena.sql`. */
  readonly athenaDatabase: string;
}

export interface PageInput {
  readonly identity: Pick<Manifest, 'dataset' | 'synthetic' | 'visibility'>;
  /** Null if there is no current release, because the only one was withdrawn. */
  readonly current: CurrentRelease | null;
  /** Newest first. */
  readonly releases: readonly ListedRelease[];
  /** Null if the page cannot compare the current release with an earlier one. */
  readonly since: EarlierReleases | null;
  readonly browser: BrowserFiles;
  /** Public address of the prefix, ending in a slash; null if it is not configured. */
  readonly publicUrl: string | null;
  /** A hash of everything that this page is made from. It shows whether a page is up to date. */
  readonly sourceHash: string;
}
