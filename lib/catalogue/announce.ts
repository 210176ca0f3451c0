// Telling others, once it is true: a release can be read, a release was taken back, a run came to nothing. An event may
import type { ReleaseEntry } from '../release/release-list.ts';
// arrive more than once, always with the same id, and says nothing that the prefix does not say too.

import { MANIFEST, releaseKey } from '../release/layout.ts';
import { type Manifest, type RowCounts, rowCounts } from '../release/manifest.ts';
import type { Store } from '../store/store.ts';
import { SCHEMA_VERSION } from '../table/schema.ts';
import { levelRows } from './pointer.ts';
import { readReleases, updateReleaseEntry } from './release-list.ts';

export type EventType = 'dtm.release.published' | 'dtm.release.withdrawn' | 'dtm.release.failed';

/** What an event tells; of a run that came to nothing all but `schema_version`, `run` and `reason` is null or empty. */
export interface EventData {
  readonly release: string | null;
  /** Relative to the prefix. */
  readonly manifest: string | null;
  readonly manifest_sha256: string | null;
  readonly schema_version: string;
  /** By level table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Against the release that it supersedes; of a first release, all countries that have rows. */
  readonly changed_countries: readonly string[];
  readonly changes: RowCounts | null;
  readonly supersedes: string | null;
  readonly run: string;
  /** Why a release was withdrawn, or nothing published. */
  readonly reason: string | null;
}

/** CloudEvents 1.0, JSON format; `source` is the dataset's prefix, and `source` with `id` are the same every time. */
export interface DtmEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: EventType;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: EventData;
}

/** An event could not be handed over; what it tells is true all the same, and the next run tells it again. */
export class AnnouncementError extends Error {
  override readonly name = 'AnnouncementError';
}

/** Where events go. */
export interface Announcer {
  /** Resolves once the event was taken. @throws {AnnouncementError} if it may not have been */
  announce(event: DtmEvent): Promise<void>;
}

/** What announcing needs; without an announcer nobody is told. */
export interface AnnounceContext {
  readonly store: Store;
  readonly publicUrl: string | null;
  readonly announcer: Announcer | null;
  readonly now: () => Date;
}

/** Tells of a release unless that was recorded as done in `releases.json`, or it was withdrawn, and records it. */
export async function announceRelease(
  { announcer, ...announcing }: AnnounceContext,
  manifest: Manifest,
): Promise<void> {
  const entry = announcer && (await findReleaseEntry(announcing, manifest));
  if (!entry || entry.announced_at !== null || entry.status === 'withdrawn') return;
  const data = { ...createEventData(manifest, entry), reason: null };
  await announcer.announce(
    createEvent(announcing, 'published', { name: entry.release, time: entry.published_at, data }),
  );
  await updateReleaseEntry(announcing.store, entry.release, (listed) =>
    listed.announced_at === null ? { ...listed, announced_at: announcing.now().toISOString() } : null,
  );
}

/** Tells that a release, listed as withdrawn, was taken back. */
export async function announceWithdrawal(
  { announcer, ...announcing }: Omit<AnnounceContext, 'now'>,
  manifest: Manifest,
): Promise<void> {
  const entry = announcer && (await findReleaseEntry(announcing, manifest));
  if (!entry?.withdrawn) return;
  const { reason, date } = entry.withdrawn;
  const data = { ...createEventData(manifest, entry), reason };
  await announcer?.announce(createEvent(announcing, 'withdrawn', { name: entry.release, time: date, data }));
}

/** Tells that a run came to nothing: it was refused, or failed. */
export async function announceFailure(
  { announcer, now, ...announcing }: AnnounceContext,
  { run, reason }: { run: string; reason: string },
): Promise<void> {
  const noRelease = { release: null, manifest: null, manifest_sha256: null, changes: null, supersedes: null };
  const data = { ...noRelease, schema_version: SCHEMA_VERSION, rows: {}, changed_countries: [], run, reason };
  await announcer?.announce(
    createEvent(announcing, 'failed', { name: run, time: now().toISOString(), data }),
  );
}

function createEvent(
  { store, publicUrl }: Pick<AnnounceContext, 'store' | 'publicUrl'>,
  what: 'published' | 'withdrawn' | 'failed',
  { name, time, data }: { name: string; time: string; data: EventData },
): DtmEvent {
  return {
    specversion: '1.0',
    id: `${what}/${name}`,
    source: publicUrl ?? store.location,
    type: `dtm.release.${what}`,
    time,
    datacontenttype: 'application/json',
    data,
  };
}

async function findReleaseEntry(
  { store }: Pick<AnnounceContext, 'store'>,
  { release }: Manifest,
): Promise<ReleaseEntry | undefined> {
  return (await readReleases(store)).find((entry) => entry.release === release);
}

function createEventData(manifest: Manifest, { manifest_sha256 }: ReleaseEntry): Omit<EventData, 'reason'> {
  const { release, run, schema_version, supersedes, changes, files } = manifest;
  const all = files.flatMap(({ country }) => country ?? []);
  return {
    release,
    manifest: releaseKey(release, MANIFEST),
    manifest_sha256,
    schema_version,
    rows: levelRows(manifest),
    changed_countries: changes?.countries ?? [...new Set(all)].sort(),
    changes: changes && rowCounts(changes),
    supersedes,
    run,
  };
}
