// Why a run may not become a release: each is one sentence that says what to do. A refused run keeps what it staged.
import type { Dataset } from '../release/dataset.ts';
import type { Manifest } from '../release/manifest.ts';
import { type Guarded, guardCases } from '../release/quality/guards.ts';
import { LEVEL_TABLES } from '../table/schema.ts';
import { failuresInWords } from './coverage.ts';
import type { Plan } from './plan.ts';
import type { UnitReport } from './unit.ts';

/** Too many units without an answer are an outage, not news. */
export function refuseFailures(plan: Plan, reports: readonly UnitReport[], maxFailed: number): string | null {
  const failed = reports.filter(({ status }) => status === 'failed');
  if (failed.length * 100 <= reports.length * maxFailed) return null;
  return (
    `${failed.length} of ${reports.length} units failed, more than --max-failed ${maxFailed} percent ` +
    `(${failuresInWords(failed)}): run again with ${againWith(plan)} to ask for the failed ones alone`
  );
}

/** How many cases are told; the report of quality has as many. */
const TOLD = 10;

/** What is more likely a fault than the truth is published only if it is accepted. */
export function refuseGuarded(guarded: Guarded, plan: Plan): string | null {
  const cases = guardCases(guarded);
  if (cases.length === 0) return null;
  const more = cases.length > TOLD ? ` and ${cases.length - TOLD} more` : '';
  return `against the recent releases ${cases.slice(0, TOLD).join(', ')}${more}: if that is right, publish with ${againWith(plan, true)}`;
}

/** A first release without a single row is an outage, whatever share of failures is borne. */
export function refuseNothing({ tables }: Dataset, current: Manifest | null, plan: Plan): string | null {
  if (current || LEVEL_TABLES.some((table) => tables[table].columns.length > 0)) return null;
  return `no unit has brought a row, and a first release is never empty: run again with ${againWith(plan)} once the API answers`;
}

/** How the run goes on: options of the command, or the input of an execution where one has planned it. */
export function againWith({ run, execution, levels, countries_asked }: Plan, acceptDrop = false): string {
  if (!execution) return `--run ${run}${acceptDrop ? ' --accept-drop' : ''}`;
  const countries = countries_asked ? { countries: countries_asked } : {};
  const accepted = acceptDrop ? { accept_drop: true } : {};
  return `the input ${JSON.stringify({ run, resume: true, ...countries, levels, ...accepted })}`;
}
