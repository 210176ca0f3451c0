// `status.json`: the last check, the last change, the last failure, and the time of each unit's last answer.
import { array, enums, type Infer, integer, nullable, optional, record, string, type } from 'superstruct';
import { STATUS } from './layout.ts';
import { type ManifestUnit, parseStruct, UNIT_STATUSES, type UnitStatus } from './manifest.ts';

const status = type({
  last_check: nullable(
    type({
      at: string(),
      run: string(),
      outcome: enums(['published', 'unchanged', 'refused', 'failed']),
      coverage: record(string(), integer()),
    }),
  ),
  last_change: nullable(type({ at: string(), release: string() })),
  last_failure: nullable(type({ at: string(), run: string(), reason: string() })),
  units: optional(
    array(
      type({
        level: enums([0, 1, 2]),
        country: string(),
        status: enums(UNIT_STATUSES),
        rows: integer(),
        answered_at: nullable(string()),
        reason: nullable(string()),
      }),
    ),
  ),
});
export type Status = Infer<typeof status>;

export const NO_STATUS: Status = { last_check: null, last_change: null, last_failure: null };

/** Number of units by status. An absent unit is not a gap. */
export type UnitCounts = Record<UnitStatus, number>;

/** Result of a check, to be recorded in `status.json`. */
export interface CheckResult {
  readonly at: Date;
  readonly run: string;
  readonly outcome: 'published' | 'unchanged' | 'refused' | 'failed';
  readonly coverage: UnitCounts;
  readonly release: string | null;
  /** What the public may read; null if nothing went wrong. */
  readonly reason: string | null;
  /** Every unit as the run composed it; undefined if the run ended before. */
  readonly units?: readonly ManifestUnit[];
  /** Names of the units that the run asked for, such as `admin1/HTI`. */
  readonly asked?: ReadonlySet<string>;
}

type CheckedUnits = NonNullable<Status['units']>;

/**
 * The units after a check. Only an answer of this run changes a unit's time. A unit that this run did not request keeps
 * its entry.
 */
export function updateCheckedUnits(
  before: CheckedUnits,
  { units: checked, asked }: Pick<CheckResult, 'units' | 'asked'>,
): CheckedUnits {
  if (!checked) return before;
  const nameOf = ({ level, country }: Pick<ManifestUnit, 'level' | 'country'>) => `admin${level}/${country}`;
  const earlier = new Map(before.map((unit) => [nameOf(unit), unit]));
  return checked
    .filter(({ status }) => status !== 'absent')
    .map(({ level, country, status, rows, fetched_at, reason }) => {
      const name = nameOf({ level, country });
      const previous = earlier.get(name);
      // The manifest's status of a unit that was not asked for may be older than that of the last check.
      if (previous && (status === 'kept' || asked?.has(name) === false)) return previous;
      const isAnswered = status === 'ok' || status === 'empty';
      const answered_at = isAnswered ? fetched_at : (previous?.answered_at ?? fetched_at);
      return { level, country, status, rows, answered_at, reason };
    });
}

/** Parses `status.json`. @throws {DamagedFileError} */
export const readStatusFile = (bytes: Uint8Array): Status => parseStruct(STATUS, bytes, status);
