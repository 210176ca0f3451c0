// Tells of a country without an answer once when it begins and once when it ends. What was told is a file of its own, so
// a run that is resumed, tried again or not recorded changes nothing: the next ended run compares again.
import { compareAndSwap } from '../../../catalogue/compare-and-swap.ts';
import { readStatus } from '../../../catalogue/status.ts';
import { jsonBytes, parseJson } from '../../../release/digest.ts';
import { TOLD_GAPS } from '../../../release/layout.ts';
import type { CheckedUnit } from '../../../release/unit-ages.ts';
import { unitsWithoutAnswer, withAges } from '../../../release/unit-ages.ts';
import type { Store } from '../../../store/store.ts';

/** A country with units that have no answer. */
export interface Gap {
  readonly country: string;
  readonly units: readonly CheckedUnit[];
}

/** A country that the operator was told of before. `since` is ISO 8601; `isAsked` is false if no run asks for it now. */
export interface EndedGap {
  readonly country: string;
  readonly since: string;
  readonly isAsked: boolean;
}

export interface GapChanges {
  readonly begun: readonly Gap[];
  readonly ended: readonly EndedGap[];
  /** Records that the operator was told. Call it after the mail was sent: a mail comes twice rather than never. */
  readonly record: () => Promise<void>;
}

/** When the operator was told of each country, by its code; ISO 8601. */
type Told = Readonly<Record<string, string>>;

/** Nothing to tell and nothing to record: the bucket could not be read. */
export const NO_GAP_CHANGES: GapChanges = { begun: [], ended: [], record: async () => {} };

/** Compares the last check with what the operator was told. @throws {DamagedFileError} if `status.json` is damaged; {StoreError} */
export async function findGapChanges(store: Store, now: Date): Promise<GapChanges> {
  const units = (await readStatus(store))?.units ?? [];
  const told = readTold((await store.get(TOLD_GAPS))?.body ?? null);
  const without = Map.groupBy(unitsWithoutAnswer(withAges(units, now)), ({ country }) => country);
  const begun = [...without].filter(([country]) => !Object.hasOwn(told, country));
  const ended = Object.entries(told).filter(([country]) => !without.has(country));
  const at = now.toISOString();
  const countries = Object.fromEntries(
    [...without.keys()].sort().map((country) => [country, told[country] ?? at]),
  );
  return {
    begun: begun.map(([country, own]) => ({ country, units: own })),
    ended: ended.map(([country, since]) => ({
      ...{ country, since },
      isAsked: units.some((unit) => unit.country === country),
    })),
    // With the time it is written after every run, so the bucket's rule for old files of runs does not remove it.
    record: () => compareAndSwap(store, TOLD_GAPS, () => jsonBytes({ at, countries })),
  };
}

/** What was told. A damaged file counts as none: the mail comes once more. */
function readTold(body: Uint8Array | null): Told {
  if (body === null) return {};
  try {
    const { countries } = Object(parseJson(body)) as { countries?: unknown };
    return Object(countries) as Told;
  } catch {
    return {};
  }
}
