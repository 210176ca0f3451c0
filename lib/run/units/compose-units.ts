// Decides for each unit of the next release whether its rows come from this run or from the current release. A release
// holds the whole dataset of its prefix: a unit that this run did not ask for is kept, and a unit that failed is carried.
import { isSameMajor, type Manifest, type ManifestUnit } from '../../release/manifest.ts';
import { publicUnitReason } from '../outcome/public-reason.ts';
import type { Plan } from '../plan.ts';
import { type Unit, type UnitReport, unitName } from './unit.ts';

/** A unit of the next release. `from` is null if that release is the first to publish these rows. */
export interface ComposedUnit extends ManifestUnit {
  /** Where its rows are read from: staged files of this run, or the current release. `none`: it has no rows. */
  readonly source: 'staged' | 'release' | 'none';
}

const NEVER_ASKED = {
  status: 'absent',
  rows: 0,
  fetched_at: null,
  raw_sha256: null,
  raw_bytes: null,
  reason: null,
  from: null,
  asked_on: null,
} as const;

/** A run's plan and reports, and the current release. */
export interface CompositionInput {
  readonly plan: Plan;
  readonly reports: readonly UnitReport[];
  readonly current: Manifest | null;
  /** Names of the units for which the current release has a newer answer than this run. */
  readonly unitsWithNewerAnswer: ReadonlySet<string>;
}

/**
 * Composes every unit of the plan, with its reason for the public. A country that is in neither list of the API is
 * dropped, not kept.
 */
export const composeUnits = (input: CompositionInput): ComposedUnit[] =>
  chooseRows(input).map((unit) => ({ ...unit, reason: publicUnitReason(unit.status, unit.reason) }));

function chooseRows({ plan, reports, current, unitsWithNewerAnswer }: CompositionInput): ComposedUnit[] {
  const comparableUnits = current && isSameMajor(current) ? current.coverage.units : [];
  const publishedUnits = new Map(comparableUnits.map((unit) => [unitName(unit as Unit), unit]));
  const answers = new Map(reports.map((report) => [unitName(report), report]));
  return plan.units.map(({ level, country }) => {
    const name = unitName({ level, country });
    const [report, earlier] = [answers.get(name), publishedUnits.get(name)];
    if (!report) return earlier ? kept(earlier) : { level, country, ...NEVER_ASKED, source: 'none' };
    if (report.status === 'failed')
      return earlier && earlier.rows > 0 ? carried(earlier, report) : fromReport(report);
    return earlier && unitsWithNewerAnswer.has(name) ? kept(earlier) : fromReport(report);
  });
}

function fromReport({ level, country, status, rows, reason, ...report }: UnitReport): ComposedUnit {
  const { fetched_at, raw_sha256, raw_bytes, asked_on = null } = report;
  const source = rows > 0 ? 'staged' : 'none';
  const answer = { fetched_at, raw_sha256, raw_bytes, asked_on };
  return { level, country, status, rows, ...answer, reason, from: null, source };
}

/** Statuses of a unit without an answer. They stay if the unit is not requested again. */
const UNANSWERED: readonly string[] = ['absent', 'failed', 'carried'];

/** Takes the unit of the current release: this run did not ask for it, or another run has a newer answer. */
function kept(earlier: ManifestUnit): ComposedUnit {
  const isUnanswered = UNANSWERED.includes(earlier.status);
  return {
    ...earlier,
    status: isUnanswered ? earlier.status : 'kept',
    source: earlier.rows > 0 ? 'release' : 'none',
  };
}

/** Takes the rows of the current release, with the reason why this run has no answer. */
const carried = (earlier: ManifestUnit, { reason }: UnitReport): ComposedUnit => ({
  ...earlier,
  status: 'carried',
  reason,
  source: 'release',
});
