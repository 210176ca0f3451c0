// Reads what a source says about its releases: which one stands on which, what each changed, and which were withdrawn.
import { readReleases } from '../../catalogue/release-list.ts';
import { readWithdrawal } from '../../catalogue/repair/survey.ts';
import { MANIFEST, RELEASE_ID, RELEASES, releaseKey } from '../../release/layout.ts';
import { DamagedFileError, type Manifest } from '../../release/manifest.ts';
import { type Store, StoreError } from '../../store/store.ts';
import type { History } from './event.ts';
import type { LineageEntry } from './lineage.ts';

/** What the manifest and the list say about a release. */
type Described = Pick<Manifest, 'release' | 'supersedes' | 'changes'>;

/**
 * Reads the list of releases. The current release may not be listed yet, so its manifest comes first.
 * @param known the releases whose withdrawal matters
 * @throws {DamagedFileError} if the list is damaged or names something that is no release or country; {StoreError}
 */
export async function readHistory(
  store: Store,
  current: Manifest | null,
  known: readonly string[],
): Promise<History> {
  const listed = await readReleases(store);
  const entries = listed.map((entry) => entryOf(RELEASES, entry));
  const lineage = new Map(entries.map((entry) => [entry.release, entry]));
  if (current) lineage.set(current.release, entryOf(releaseKey(current.release, MANIFEST), current));
  const withdrawn = new Set(
    listed.filter(({ status }) => status === 'withdrawn').map(({ release }) => release),
  );
  // The list may come from an older cache than the pointer.
  for (const release of known)
    if (!withdrawn.has(release) && release !== current?.release && (await isWithdrawn(store, release)))
      withdrawn.add(release);
  return { lineage, withdrawn };
}

/** Whether a release has a record of its withdrawal. Some servers answer 403 for a file that is not there. */
async function isWithdrawn(store: Store, release: string): Promise<boolean> {
  try {
    return (await readWithdrawal(store, release)) !== null;
  } catch (error) {
    if (error instanceof StoreError) return false;
    throw error;
  }
}

/** These texts reach the environment of a command, so nothing but ids and codes is accepted. */
function entryOf(key: string, { release, supersedes, changes }: Described): LineageEntry {
  for (const id of [release, supersedes])
    if (id !== null && !RELEASE_ID.test(id))
      throw new DamagedFileError(key, `expected ids of releases, found ${JSON.stringify(id).slice(0, 40)}`);
  return { release, supersedes, countries: changes && checkCodes(key, changes.countries) };
}

/** The codes, if all are of three letters. @throws {DamagedFileError} */
export function checkCodes(key: string, codes: readonly string[]): readonly string[] {
  const wrong = codes.find((code) => !/^[A-Z]{3}$/.test(code));
  if (wrong === undefined) return codes;
  throw new DamagedFileError(
    key,
    `expected three-letter country codes, found ${JSON.stringify(wrong).slice(0, 40)}`,
  );
}
