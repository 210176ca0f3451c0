// Sends an event after a release was published or withdrawn, or after a run failed. An event may arrive more than once,
// always with the same id. It holds nothing that the prefix does not hold too.
import { MANIFEST, releaseKey } from '../release/layout.ts';
import { type Manifest, type RowCounts, rowCounts } from '../release/manifest.ts';
import type { ReleaseEntry } from '../release/release-list.ts';
import type { Store } from '../store/store.ts';
import { SCHEMA_VERSION } from '../table/schema.ts';
import { levelRows } from './pointer.ts';
import { readReleases, updateReleaseEntry } from './release-list.ts';

export type EventType = 'dtm.release.published' | 'dtm.release.withdrawn' | 'dtm.release.failed';

/** The data of an event. For a failed run, all but `schema_version`, `run` and `reason` is null or empty. */
export interface EventData {
  readonly release: string | null;
  /** Relative to the prefix. */
  readonly manifest: string | null;
  readonly manifest_sha256: string | null;
  readonly schema_version: string;
  /** Rows of each level table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Countries that differ from the superseded release. For a first release, all countries that have rows. */
  readonly changed_countries: readonly string[];
  readonly changes: RowCounts | null;
  readonly supersedes: string | null;
  readonly run: string;
  /** Why the release was withdrawn, or why the run published nothing; else null. */
  readonly reason: string | null;
}

/** CloudEvents 1.0, JSON format. `source` is the dataset's prefix. An event sent again has the same `source` and `id`. */
export interface DtmEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: EventType;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: EventData;
}

/** An event could not be sent. The release or withdrawal stands, and the next run sends the event again. */
export class AnnouncementError extends Error {
  override readonly name = 'AnnouncementError';
}

/** Sends events to subscribers. */
export interface Announcer {
  /** Resolves when the service has accepted the event. @throws {AnnouncementError} if it may not have accepted it */
  announce(event: DtmEvent): Promise<void>;
}

/** The context of an announcement. If `announcer` is null, no event is sent. */
export interface AnnounceContext {
  readonly store: Store;
  readonly publicUrl: string | null;
  readonly announcer: Announcer | null;
  readonly now: () => Date;
}

/**
 * Announces a release and records `announced_at` in `releases.json`. Does nothing if the list has that time already or
 * says that the release was withdrawn.
 */
export async function announceRelease(
  { announcer, ...context }: AnnounceContext,
  manifest: Manifest,
): Promise<void> {
  const entry = announcer && (await findReleaseEntry(context, manifest));
  if (!entry || entry.announced_at !== null || entry.status === 'withdrawn') return;
  const data = { ...createEventData(manifest, entry), reason: null };
  await announcer.announce(
    createEvent(context, 'published', { name: entry.release, time: entry.published_at, data }),
  );
  await updateReleaseEntry(context.store, entry.release, (listed) =>
    listed.announced_at === null ? { ...listed, announced_at: context.now().toISOString() } : null,
  );
}

/** Announces the withdrawal of a release that is listed as withdrawn. */
export async function announceWithdrawal(
  { announcer, ...context }: Omit<AnnounceContext, 'now'>,
  manifest: Manifest,
): Promise<void> {
  const entry = announcer && (await findReleaseEntry(context, manifest));
  if (!entry?.withdrawn) return;
  const { reason, date } = entry.withdrawn;
  const data = { ...createEventData(manifest, entry), reason };
  await announcer?.announce(createEvent(context, 'withdrawn', { name: entry.release, time: date, data }));
}

/** Announces that a run was refused or failed. */
export async function announceFailure(
  { announcer, now, ...context }: AnnounceContext,
  { run, reason }: { run: string; reason: string },
): Promise<void> {
  const noRelease = { release: null, manifest: null, manifest_sha256: null, changes: null, supersedes: null };
  const data = { ...noRelease, schema_version: SCHEMA_VERSION, rows: {}, changed_countries: [], run, reason };
  await announcer?.announce(createEvent(context, 'failed', { name: run, time: now().toISOString(), data }));
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
