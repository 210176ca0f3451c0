// Why a run may not become a release: each is one sentence that says what to do. A refused run keeps what it staged.
import type { Dataset } from '../release/dataset.ts';
import { LATEST } from '../release/layout.ts';
import type { Manifest, ManifestUnit } from '../release/manifest.ts';
import type { TableName } from '../table/schema.ts';
import { failuresInWords, unitsToKeep } from './coverage.ts';
import { askedUnits, type Plan } from './plan.ts';
import { type Unit, type UnitReport, unitName } from './unit.ts';

/** A table may lose this share of its rows between two releases without anyone's consent. */
const ROWS_LOST_AT_MOST = 0.2;

/** A unit without an answer leaves a hole, which this version does not publish. */
export function refuseFailures(run: string, reports: readonly UnitReport[]): string | null {
  const failures = failuresInWords(reports);
  return (
    failures &&
    `${failures}; a release with a gap needs rows carried over from an earlier one, which this version cannot do: ` +
      `run again with --run ${run} to ask for the failed units alone`
  );
}

/** A run over a part of what the prefix holds would have to keep the rest, which this version cannot do. */
export function refusePart(plan: Plan, current: Manifest | null): string | null {
  const listed = new Set(plan.units.map(({ country }) => country));
  const left = unitsToKeep(current?.coverage.units ?? [], askedUnits(plan)).filter(({ country }) =>
    listed.has(country),
  );
  if (left.length === 0) return null;
  const some = left.slice(0, 3).map((unit) => unitName(unit as Unit));
  return (
    `${LATEST} names release ${current?.release}, which has rows of ${left.length} units that this run does not ask for ` +
    `(${some.join(', ')}${left.length > 3 ? ', ...' : ''}); a run over a part needs rows kept from an earlier release, ` +
    'which this version cannot do: run without --countries and --levels, or export into another folder'
  );
}

/** An old run that is resumed late overtakes nothing. */
export function refuseStale(reports: readonly UnitReport[], current: Manifest | null): string | null {
  const held = new Map((current?.coverage.units ?? []).map((unit) => [unitName(unit as Unit), unit]));
  const newer = reports.find((report) => {
    const there = held.get(unitName(report))?.fetched_at;
    return there && report.fetched_at && there > report.fetched_at;
  });
  if (!newer) return null;
  return (
    `release ${current?.release} already holds a newer answer of ${unitName(newer)} than this run's of ${newer.fetched_at}: ` +
    'start a new run'
  );
}

/** A table that shrinks by a fifth, or a country that vanishes, is more likely a fault than the truth. */
export function refuseDrop(
  { tables }: Dataset,
  current: Manifest | null,
  { run, acceptDrop }: { run: string; acceptDrop: boolean },
): string | null {
  if (!current || acceptDrop) return null;
  const lost = [...shrunkTables(tables, current), ...vanishedCountries(tables, current.coverage.units)];
  if (lost.length === 0) return null;
  return `against release ${current.release} ${lost.join(', ')}: if that is right, publish with --run ${run} --accept-drop`;
}

function shrunkTables(tables: Dataset['tables'], current: Manifest): string[] {
  return current.tables.flatMap(({ name, rows: before }) => {
    const rows = tables[name as TableName].columns.length;
    return rows < before * (1 - ROWS_LOST_AT_MOST) ? [`${name} fell from ${before} to ${rows} rows`] : [];
  });
}

function vanishedCountries(tables: Dataset['tables'], held: readonly ManifestUnit[]): string[] {
  const before = new Set(held.filter(({ rows }) => rows > 0).map(({ country }) => country));
  const levels = [tables.admin0, tables.admin1, tables.admin2];
  const now = new Set(levels.flatMap(({ countries }) => countries.map(({ country }) => country)));
  return [...before].filter((country) => !now.has(country)).map((country) => `${country} lost all its rows`);
}
