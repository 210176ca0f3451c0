// The releases of a list as a chain: each stands on the one that it supersedes, and its change log leads from there to
// it. The rows of a release whose data files are gone are those of another release, and the logs between the two.
import { hasChangeLog, hasExpired, type ReleaseEntry } from '../../release/release-list.ts';

/** One change log on the way, by the release that has it. `undo`: the way leads to the release before. */
export interface Step {
  readonly release: string;
  readonly undo: boolean;
}

/** Where the rows of a release are: the data files of `base`, then the logs in this order. */
export interface Place {
  readonly base: string;
  readonly steps: readonly Step[];
}

/** True if the data files of a release are there by the list. */
export const hasData = ({ status, expires_at }: ReleaseEntry, now: Date): boolean =>
  status === 'published' && !hasExpired(expires_at, now);

/** Finds the rows of a listed release by the fewest logs; null if no log leads to data files. */
export function findPlace(listed: readonly ReleaseEntry[], release: string, now: Date): Place | null {
  const byId = new Map(listed.map((entry) => [entry.release, entry]));
  const ways = new Map<string, readonly Step[]>([[release, []]]);
  for (const [id, steps] of ways) {
    const entry = byId.get(id);
    if (entry && hasData(entry, now)) return { base: id, steps };
    for (const { release: next, step } of neighbours(listed, id))
      if (byId.has(next) && !ways.has(next)) ways.set(next, [step, ...steps]);
  }
  return null;
}

/** The releases one log away, and the step from there to here. Those that stand on this one come first. */
function neighbours(listed: readonly ReleaseEntry[], id: string): { release: string; step: Step }[] {
  const later = listed.filter((entry) => entry.supersedes === id && hasChangeLog(entry));
  const own = listed.find((entry) => entry.release === id);
  return [
    ...later.map(({ release }) => ({ release, step: { release, undo: true } })),
    ...(own?.supersedes && hasChangeLog(own)
      ? [{ release: own.supersedes, step: { release: id, undo: false } }]
      : []),
  ];
}

/** Why no log leads from a release to data files: what is missing on both sides of it, in words. */
export function describeGap(listed: readonly ReleaseEntry[], release: string): string {
  const reached = new Set([release]);
  for (const id of reached) for (const { release: next } of neighbours(listed, id)) reached.add(next);
  const missing = listed
    .filter(({ supersedes, release: id }) => reached.has(id) || reached.has(supersedes ?? ''))
    .filter((entry) => entry.supersedes !== null && !hasChangeLog(entry))
    .map(({ release: id, status }) =>
      status === 'withdrawn'
        ? `the change log of ${id} went when it was withdrawn`
        : `${id} has no change log, since it stands on no release that it can be compared with`,
    );
  return missing.join(', and ') || 'no listed release stands on it';
}

/** The nearest releases in the list, one later and one earlier, whose rows can be found. */
export function nearestPlaces(listed: readonly ReleaseEntry[], release: string, now: Date): string[] {
  const at = listed.findIndex((entry) => entry.release === release);
  const isUsable = (entry: ReleaseEntry): boolean =>
    entry.status === 'published' && findPlace(listed, entry.release, now) !== null;
  const found = [listed.slice(0, at).findLast(isUsable), listed.slice(at + 1).find(isUsable)];
  return found.flatMap((entry) => entry?.release ?? []);
}
