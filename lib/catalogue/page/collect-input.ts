// Collects the input of `renderPage` from published files: the pointer, the release list, the manifest and its tables.
import { athenaDatabase } from '../../make/metadata/athena.ts';
import { bibtex } from '../../make/metadata/citation.ts';
import { type DatasetExtent, schemaOrg } from '../../make/metadata/schema-org.ts';
import { jsonBytes, sha256 } from '../../release/digest.ts';
import { CHANGES, releaseKey } from '../../release/layout.ts';
import type { Manifest } from '../../release/manifest.ts';
import { hasChangeLog, type ReleaseEntry } from '../../release/release-list.ts';
import type { Identity } from '../../release/terms.ts';
import { changesText } from '../feed.ts';
import type { CurrentState } from '../pointer.ts';

import type { BuiltPage } from './assets.ts';
import type { CurrentRelease, EarlierReleases, ListedRelease, PageInput } from './input.ts';

/** The published state that a page shows; `identity` is that of the dataset at the prefix. */
export interface PublishedState {
  readonly identity: Pick<Identity, 'dataset' | 'synthetic' | 'visibility'>;
  readonly current: CurrentState;
  readonly releases: readonly ReleaseEntry[];
  readonly publicUrl: string | null;
}

/** A hash of everything that a page is made from. `announced_at` is left out, because the page does not show it. */
export function computeSourceHash(
  { current, releases, publicUrl }: PublishedState,
  { files }: BuiltPage,
): string {
  const listed = releases.map(({ announced_at: _, ...entry }) => entry);
  return sha256(jsonBytes([current.pointer, listed, publicUrl, files]));
}

/** Composes the page's input. `current` is null if there is no current release. */
export function createPageInput(
  state: PublishedState,
  { files }: BuiltPage,
  {
    current,
    since,
    sourceHash,
  }: { current: CurrentRelease | null; since: EarlierReleases | null; sourceHash: string },
): PageInput {
  const { identity, releases, publicUrl } = state;
  return {
    identity,
    current,
    releases: releases.map(toListedRelease),
    since,
    browser: files,
    publicUrl,
    sourceHash,
  };
}

/** The current release for the page. It has no charts if its tables could not be read. */
export function createCurrentRelease(
  { manifest, publicUrl }: { manifest: Manifest; publicUrl: string | null },
  published_at: string,
  chartData: PageChartData = NO_CHART_DATA,
): CurrentRelease {
  const described = { ...manifest, publicUrl, prefix: null };
  const { newest, names, chartScripts, days } = chartData;
  const countries = new Map((newest ?? []).map(({ country, name }) => [country, names[country] ?? name]));
  const extent = {
    ...days,
    countries: [...countries].map(([code, name]) => ({ code, name })),
  };
  return {
    ...{ manifest, published_at, newest, names, chartScripts },
    structuredData: schemaOrg(described, extent),
    bibtex: bibtex(described),
    athenaDatabase: athenaDatabase(manifest),
  };
}

/** Chart data from a release's tables, and the days of its first and last count. */
export interface PageChartData extends Pick<CurrentRelease, 'newest' | 'names' | 'chartScripts'> {
  readonly days: Pick<DatasetExtent, 'from' | 'to'>;
}

const NO_CHART_DATA: PageChartData = {
  newest: null,
  names: {},
  chartScripts: {},
  days: { from: null, to: null },
};

const toListedRelease = (entry: ReleaseEntry): ListedRelease => ({
  release: entry.release,
  published_at: entry.published_at,
  manifest: entry.manifest,
  schema_version: entry.schema_version,
  rows: entry.rows,
  changes: changesText(entry),
  changesFile: hasChangeLog(entry) ? releaseKey(entry.release, CHANGES) : null,
  expires_at: entry.expires_at,
  withdrawn:
    entry.status === 'withdrawn'
      ? (entry.withdrawn ?? { reason: 'no reason is given', date: entry.published_at })
      : null,
});
