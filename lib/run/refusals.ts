// Why a run may not become a release: each is one sentence that says what to do. A refused run keeps what it staged.
import type { Dataset } from '../release/dataset.ts';
import type { Manifest } from '../release/manifest.ts';
import { ROWS_LOST_AT_MOST, vanishedCountries } from '../release/quality/coverage.ts';
import type { TableName } from '../table/schema.ts';
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

/** A table that shrinks by a fifth, or a country that vanishes, is more likely a fault than the truth. */
export function refuseDrop({ tables }: Dataset, current: Manifest | null, plan: Plan): string | null {
  if (!current) return null;
  const lost = [
    ...shrunkTables(tables, current),
    ...vanishedCountries({ tables }, current).map((country) => `${country} lost all its rows`),
  ];
  if (lost.length === 0) return null;
  return `against release ${current.release} ${lost.join(', ')}: if that is right, publish with ${againWith(plan, true)}`;
}

/** How the run goes on: options of the command, or the input of an execution where one has planned it. */
export function againWith({ run, execution, levels, countries_asked }: Plan, acceptDrop = false): string {
  if (!execution) return `--run ${run}${acceptDrop ? ' --accept-drop' : ''}`;
  const countries = countries_asked ? { countries: countries_asked } : {};
  const accepted = acceptDrop ? { accept_drop: true } : {};
  return `the input ${JSON.stringify({ run, resume: true, ...countries, levels, ...accepted })}`;
}

function shrunkTables(tables: Dataset['tables'], current: Manifest): string[] {
  return current.tables.flatMap(({ name, rows: before }) => {
    const rows = tables[name as TableName].columns.length;
    return rows < before * (1 - ROWS_LOST_AT_MOST / 100)
      ? [`${name} fell from ${before} to ${rows} rows`]
      : [];
  });
}
