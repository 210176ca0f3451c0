// Says in words what differs between two releases: by country, then by operation. Each count is a line of its own,
// because totals of different operations, types and dates must not be added.
import type { CountChange, CountTotals } from '../../read/since/counts.ts';
import type { DiffReport, ReportedSide } from '../../read/since/diff-report.ts';
import { compareReleases } from '../../release/layout.ts';
import { printable } from '../printable.ts';
import { number, plural } from './numbers.ts';

/** Counts of one operation that are listed; the others are only counted. */
const MAX_COUNTS = 8;

/** The report as text. `names`: the name of each country that differs. */
export function diffText(report: DiffReport, names: ReadonlyMap<string, string>): string {
  const { from, to, compared, counts } = report;
  const countries = [...new Set(report.countries.map(({ country }) => country))];
  return [
    `From release ${sideText(from)}`,
    `to release   ${sideText(to)}${report.synthetic ? '\nInvented figures: the dataset is synthetic.' : ''}`,
    ...notesOf(report),
    '',
    headline(report, countries),
    ...countries.flatMap((country) => [
      '',
      `${printable(names.get(country) ?? country)} (${country})`,
      ...countryLines(
        report,
        counts.filter((count) => count.country === country),
        country,
      ),
    ]),
    ...(countries.length > 0 && compared.tables.length > 1
      ? ['', 'Levels repeat the same people: never add rows or persons of two levels.']
      : []),
  ].join('\n');
}

function sideText({ release, published_at, status, withdrawn }: ReportedSide): string {
  const state =
    status === 'withdrawn'
      ? `, withdrawn on ${withdrawn?.date.slice(0, 10) ?? '?'}: ${printable(withdrawn?.reason ?? 'no reason is given')}`
      : '';
  return `${release}, published ${published_at.slice(0, 16).replace('T', ' ')} UTC${state}`;
}

/** How the rows were found, if not in the data files of both releases, and what was not compared. */
function notesOf({ from, to, compared }: DiffReport): string[] {
  const rebuilt = [from, to]
    .filter(({ rebuilt_from }) => rebuilt_from !== null)
    .map(
      ({ release, rebuilt_from, change_logs }) =>
        `Note: the data files of ${release} are gone. Its rows were rebuilt from release ${rebuilt_from} and ${plural(change_logs.length, 'change log')}.`,
    );
  return [
    ...(isOlder(to, from) ? [`Note: ${to.release} is the older of the two.`] : []),
    ...rebuilt,
    ...(compared.labels ? [] : ['Note: operation_status and is_latest were not compared.']),
    ...(compared.columns_left_out.length > 0
      ? [`Note: not compared, since not in both: ${compared.columns_left_out.join(', ')}.`]
      : []),
  ];
}

const isOlder = (one: ReportedSide, other: ReportedSide): boolean =>
  compareReleases(one.release, other.release) < 0;

function headline(report: DiffReport, countries: readonly string[]): string {
  const { compared, tables } = report;
  const place = `in ${compared.tables.join(', ')} of ${plural(compared.countries, 'country')}`;
  if (countries.length === 0) return `Nothing changed ${place}.`;
  const rows = tables.map((amounts) => `${amounts.table} ${amountsText(amounts)}`);
  return `${countries.length} of ${plural(compared.countries, 'country')} changed. Rows: ${rows.join('; ')}.`;
}

interface Amounts {
  readonly added: { readonly rows: number };
  readonly removed: { readonly rows: number };
  readonly changed: { readonly rows: number };
  readonly relabelled: number | null;
}

function amountsText({ added, removed, changed, relabelled }: Amounts): string {
  const parts = [
    [added.rows, 'added'],
    [removed.rows, 'removed'],
    [changed.rows, 'changed'],
    [relabelled ?? 0, 'with another label'],
  ] as const;
  const said = parts.filter(([rows]) => rows > 0).map(([rows, what]) => `${number(rows)} ${what}`);
  return said.join(', ');
}

function countryLines(report: DiffReport, counts: readonly CountChange[], country: string): string[] {
  const { appeared, vanished, renamed } = report;
  const isHere = (entry: { readonly country: string }): boolean => entry.country === country;
  const renamedTo = renamed.filter(isHere);
  const names = new Set(renamedTo.flatMap(({ from, to }) => [from, to]));
  const operations = [...new Set(report.operations.filter(isHere).map(({ operation }) => operation))].filter(
    (operation) => !names.has(operation),
  );
  const stateOf = (operation: string): string =>
    appeared.operations.some((one) => isHere(one) && one.operation === operation)
      ? ' (new)'
      : vanished.operations.some((one) => isHere(one) && one.operation === operation)
        ? ' (gone)'
        : '';
  return [
    ...(appeared.countries.includes(country) ? ['  new: it had no rows before'] : []),
    ...(vanished.countries.includes(country) ? ['  gone: it has no rows any more'] : []),
    ...renamedTo.map(
      ({ from, to }) => `  ${printable(from)}: renamed to ${printable(to)}, all else is the same`,
    ),
    ...operations.flatMap((operation) => [
      `  ${printable(operation)}${stateOf(operation)}`,
      ...operationLines(
        report,
        counts.filter((count) => count.operation === operation),
        { country, operation },
      ),
    ]),
  ];
}

function operationLines(
  report: DiffReport,
  counts: readonly CountChange[],
  { country, operation }: { country: string; operation: string },
): string[] {
  const ofOperation = report.operations.filter(
    (entry) => entry.country === country && entry.operation === operation,
  );
  const lines = highestLevels(counts);
  const rest = lines.length - MAX_COUNTS;
  return [
    ...(lines.length > 0 ? [`    ${summaryText(lines)}`] : []),
    ...lines.slice(0, MAX_COUNTS).map((count) => `      ${countLine(count)}`),
    ...(rest > 0 ? [`      and ${number(rest)} more: --json lists every count, --csv every row`] : []),
    `    rows: ${ofOperation.map((entry) => `${entry.table} ${amountsText(entry)}`).join('; ')}`,
  ];
}

/** Each count once, at the highest level where it changed. */
function highestLevels(counts: readonly CountChange[]): CountChange[] {
  const best = new Map<string, CountChange>();
  for (const count of counts) {
    const key = JSON.stringify([count.assessment_type, count.reporting_date, count.round_number]);
    const known = best.get(key);
    if (!known || count.level < known.level) best.set(key, count);
  }
  return [...best.values()].sort((a, b) =>
    a.reporting_date < b.reporting_date ? 1 : a.reporting_date > b.reporting_date ? -1 : 0,
  );
}

function summaryText(counts: readonly CountChange[]): string {
  const kinds = ['new', 'revised', 'gone'] as const;
  const said = kinds
    .map((kind) => [kind, counts.filter(({ change }) => change === kind).length] as const)
    .filter(([, length]) => length > 0)
    .map(([kind, length]) => `${number(length)} ${kind}`);
  return `${said.join(', ')} ${counts.length === 1 ? 'count' : 'counts'}`;
}

function countLine({
  change,
  level,
  reporting_date,
  round_number,
  assessment_type,
  before,
  after,
}: CountChange): string {
  const where = level === 0 ? '' : ` at level ${level}`;
  const name = `${reporting_date} round ${round_number} ${printable(assessment_type)}${where}`;
  if (change === 'new') return `new      ${name}: ${personsText(after)}`;
  if (change === 'gone') return `gone     ${name}: was ${personsText(before)}`;
  return `revised  ${name}: ${revisionText(before, after)}`;
}

const personsText = (totals: CountTotals | null): string =>
  totals?.idps == null ? 'no total, since a row has no figure' : number(totals.idps);

function revisionText(before: CountTotals | null, after: CountTotals | null): string {
  const [old, now] = [before?.idps ?? null, after?.idps ?? null];
  if (old !== null && old === now) return `${number(old)} as before, other rows within it`;
  const step =
    old === null || now === null ? '' : ` (${now > old ? '+' : '-'}${number(Math.abs(now - old))})`;
  return `${personsText(before)} -> ${personsText(after)}${step}`;
}
