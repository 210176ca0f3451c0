// What a page is rendered from, collected from what is published: the pointer, the list, the manifest and its tables.
import type { BuiltPage } from '../../page/assets.ts';
import type { CurrentRelease, ListedRelease, PageInput } from '../../page/input.ts';
import { jsonBytes, sha256 } from '../digest.ts';
import { changesText } from '../feed.ts';
import type { ReleaseEntry } from '../ledger.ts';
import type { Manifest } from '../manifest.ts';
import { athenaDatabase } from '../metadata/athena.ts';
import type { Current } from '../pointer.ts';
import type { Identity } from '../terms.ts';

/** The published state that a page shows; `identity` is what the prefix holds. */
export interface PublishedState {
  readonly identity: Pick<Identity, 'dataset' | 'synthetic' | 'visibility'>;
  readonly current: Current;
  readonly releases: readonly ReleaseEntry[];
  readonly publicUrl: string | null;
}

/** A hash of all that a page is made from. Whether a release was announced is nobody's business but the announcer's. */
export function madeFrom({ current, releases, publicUrl }: PublishedState, { files }: BuiltPage): string {
  const listed = releases.map(({ announced_at: _, ...entry }) => entry);
  return sha256(jsonBytes([current.pointer, listed, publicUrl, files]));
}

/** Puts the page's input together; `current` is what was read of the release that stands, null if none does. */
export function pageInput(
  state: PublishedState,
  { files }: BuiltPage,
  { current, madeFrom }: { current: CurrentRelease | null; madeFrom: string },
): PageInput {
  const { identity, releases, publicUrl } = state;
  return { identity, current, releases: releases.map(listedRelease), browser: files, publicUrl, madeFrom };
}

/** The current release without its pictures. */
export const bareRelease = (manifest: Manifest, published_at: string): CurrentRelease => ({
  manifest,
  published_at,
  newest: null,
  names: {},
  pictures: {},
  athenaDatabase: athenaDatabase(manifest),
});

const listedRelease = (entry: ReleaseEntry): ListedRelease => ({
  release: entry.release,
  published_at: entry.published_at,
  manifest: entry.manifest,
  schema_version: entry.schema_version,
  rows: entry.rows,
  changes: changesText(entry),
  expires_at: entry.expires_at,
  withdrawn:
    entry.status === 'withdrawn'
      ? (entry.withdrawn ?? { reason: 'no reason is given', date: entry.published_at })
      : null,
});
