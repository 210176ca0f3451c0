// Decides what happened at a source since a watcher last looked: a new release, a withdrawal, or nothing that counts.
import type { Manifest } from '../../release/manifest.ts';
import { ancestorsOf, changedBetween, type Lineage } from './lineage.ts';
import type { WatchState } from './state.ts';

/** What the pointer says now: a release, its manifest and the manifest's SHA-256. */
export interface CurrentRelease {
  readonly manifest: Manifest;
  readonly sha256: string;
}

/** What the source says about its releases, and which of them were withdrawn. */
export interface History {
  readonly lineage: Lineage;
  readonly withdrawn: ReadonlySet<string>;
}

/** An event that a command may run for. Its `id` is the same at every attempt, and that of the event on AWS. */
export interface ReleaseEvent {
  readonly id: string;
  readonly kind: 'published' | 'withdrawn';
  /** The release that is current now; null if none is left. */
  readonly current: CurrentRelease | null;
  /** The release for which the command last ended well; null if there is none. */
  readonly previous: string | null;
  /** The releases that the command knows and that were withdrawn. */
  readonly withdrawn: readonly string[];
  /** Countries that changed since the command last ended well, sorted; all if `areChangesKnown` is false. */
  readonly changed: readonly string[];
  readonly areChangesKnown: boolean;
}

/** `stale`: the pointer went back to an earlier release, and the release that was seen is not withdrawn. */
export type Decision = ReleaseEvent | 'nothing' | 'stale';

/** The part of a state that decides. */
type Seen = Pick<WatchState, 'seen' | 'earlier' | 'ran' | 'pending'>;

/** Compares what a watcher has seen with what the pointer says now (null: no release). */
export function decideEvent(state: Seen, current: CurrentRelease | null, history: History): Decision {
  const { ran, earlier } = state;
  const release = current?.manifest.release ?? null;
  const froms = releasesBefore(state, release);
  const top = froms[0] ?? null;
  if (isSeen(state, current) || (release === null && top === null)) return 'nothing';
  const older = [...froms.slice(1), ...earlier, ...(top === null ? [] : ancestorsOf(top, history.lineage))];
  const isBack = top !== null && top !== release && (release === null || older.includes(release));
  if (isBack && !history.withdrawn.has(top)) return 'stale';
  // An attempt that failed says nothing about what the command has. Without a release before it, it has nothing.
  const isFirst = !state.seen?.release || isMadeAnew(state, current);
  const changed = isFirst ? null : changesOf(froms, release, history.lineage);
  return {
    id: isBack ? `withdrawn/${top}` : `published/${release}`,
    kind: isBack ? 'withdrawn' : 'published',
    current,
    previous: ran,
    withdrawn: startedFor(state).filter((id) => history.withdrawn.has(id)),
    changed: changed ?? allCountries(current),
    areChangesKnown: changed !== null,
  };
}

/**
 * The releases from which the command may come, newest first: those of attempts that have not ended well, without the
 * current one, and the one that was seen.
 */
function releasesBefore({ seen, pending }: Seen, release: string | null): string[] {
  const attempted = (pending?.releases ?? []).toReversed().filter((id) => id !== release);
  return [...new Set([...attempted, ...(seen?.release ? [seen.release] : [])])];
}

/** The releases that the command was started for since, and with, the last time that it ended well. */
const startedFor = ({ ran, pending }: Pick<Seen, 'ran' | 'pending'>): string[] =>
  [...new Set([ran, ...(pending?.releases ?? [])])].filter((id) => id !== null);

/** The releases whose withdrawal matters: those that the command was started for, and the one that was seen. */
export const knownReleases = (state: Seen): string[] =>
  [...new Set([...startedFor(state), state.seen?.release])].filter((id) => typeof id === 'string');

/** True if the pointer says what the watcher has seen, and no attempt is left to repeat. */
export const isSeen = ({ seen, pending }: Seen, current: CurrentRelease | null): boolean =>
  pending === null &&
  seen !== null &&
  seen.release === (current?.manifest.release ?? null) &&
  seen.manifest_sha256 === (current?.sha256 ?? null);

/** True if a known release has another manifest: somebody made the dataset anew, with the same ids. */
const isMadeAnew = ({ seen, pending }: Seen, current: CurrentRelease | null): boolean =>
  current !== null &&
  [seen, pending].some(
    (known) => known?.release === current.manifest.release && known.manifest_sha256 !== current.sha256,
  );

/** The countries that differ from any of the releases; null if that is not known. */
function changesOf(froms: readonly string[], to: string | null, lineage: Lineage): string[] | null {
  if (to === null) return null;
  const changes = froms.map((from) => changedBetween(from, to, lineage));
  return changes.includes(null) ? null : [...new Set(changes.flatMap((countries) => countries ?? []))].sort();
}

/** The countries that have files in a release, sorted. */
const allCountries = (current: CurrentRelease | null): string[] =>
  [...new Set(current?.manifest.files.flatMap(({ country }) => country ?? []))].sort();

/** An event for a command that wants some countries only (null: all): `changed` names no others. */
export const onlyCountries = (event: ReleaseEvent, countries: readonly string[] | null): ReleaseEvent => ({
  ...event,
  changed: event.changed.filter((country) => countries === null || countries.includes(country)),
});

/**
 * True if the command must run: for every event without `countries`; else if one of them changed, or if a release that
 * it knows was withdrawn.
 */
export const isWanted = (
  { changed, withdrawn }: Pick<ReleaseEvent, 'changed' | 'withdrawn'>,
  countries: readonly string[] | null,
): boolean => countries === null || withdrawn.length > 0 || changed.length > 0;
