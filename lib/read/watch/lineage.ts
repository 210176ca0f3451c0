// Which countries differ between two releases: the changes of all releases on the way from one to the other. Releases
// form a tree by `supersedes`, because a release after a withdrawal stands on an earlier one.

/** A release, the one that it stands on, and the countries that it changed. Null: not known. */
export interface LineageEntry {
  readonly release: string;
  readonly supersedes: string | null;
  readonly countries: readonly string[] | null;
}

/** Releases by id. */
export type Lineage = ReadonlyMap<string, LineageEntry>;

/** A release and those below it, newest first, as far as they are known. */
export function ancestorsOf(release: string, lineage: Lineage): string[] {
  const found = new Set<string>();
  let next: string | null = release;
  while (next !== null && !found.has(next)) {
    found.add(next);
    next = lineage.get(next)?.supersedes ?? null;
  }
  return [...found];
}

/**
 * The countries that differ between two releases, sorted. A country that changed and changed back counts as changed.
 * Null if the releases between them are not all known.
 */
export function changedBetween(from: string, to: string, lineage: Lineage): string[] | null {
  const [back, forth] = [ancestorsOf(from, lineage), ancestorsOf(to, lineage)];
  const meeting = forth.find((release) => back.includes(release));
  if (meeting === undefined) return null;
  const above = (path: string[]): string[] => path.slice(0, path.indexOf(meeting));
  const changed = new Set<string>();
  for (const release of [...above(back), ...above(forth)]) {
    const countries = lineage.get(release)?.countries ?? null;
    if (countries === null) return null;
    for (const country of countries) changed.add(country);
  }
  return [...changed].sort();
}
