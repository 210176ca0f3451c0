// Which rows stand for each unit in the release to come: this run's, or those that the current release has. A release
// is the whole dataset of its prefix, so what a run did not ask for is kept, and what it could not get is carried.
import { isSameMajor, type Manifest, type ManifestUnit } from '../../release/manifest.ts';
import type { Plan } from '../plan.ts';
import { type Unit, type UnitReport, unitName } from './unit.ts';

/** A unit as the release will declare it; `from` is null where this release is the first to publish its rows. */
export interface ComposedUnit extends ManifestUnit {
  /** Where its rows are read: this run's staged files, the current release's, or nowhere, since there are none. */
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

/** What a run found, and what stands already; `overtaken` are the units of which another run has a newer answer. */
export interface CompositionInput {
  readonly plan: Plan;
  readonly reports: readonly UnitReport[];
  readonly current: Manifest | null;
  readonly unitsWithNewerAnswer: ReadonlySet<string>;
}

/** Every unit of the plan. A country that neither list has any more is not among them, and so is not kept. */
export function composeUnits({
  plan,
  reports,
  current,
  unitsWithNewerAnswer,
}: CompositionInput): ComposedUnit[] {
  const usable = current && isSameMajor(current) ? current.coverage.units : [];
  const publishedUnits = new Map(usable.map((unit) => [unitName(unit as Unit), unit]));
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

/** What stays what it was when it is not asked for again: it is still without an answer. */
const UNANSWERED: readonly string[] = ['absent', 'failed', 'carried'];

/** Not asked in this run, or answered later in another: what stands there stays, be it rows, none, or a failure. */
function kept(earlier: ManifestUnit): ComposedUnit {
  const stays = UNANSWERED.includes(earlier.status);
  return {
    ...earlier,
    status: stays ? earlier.status : 'kept',
    source: earlier.rows > 0 ? 'release' : 'none',
  };
}

const carried = (earlier: ManifestUnit, { reason }: UnitReport): ComposedUnit => ({
  ...earlier,
  status: 'carried',
  reason,
  source: 'release',
});
