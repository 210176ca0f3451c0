// Says in words which values counts have had.
import type { CountHistory, CountValue } from '../../read/since/count-history.ts';
import type { HistoryReport } from '../../read/since/history-report.ts';
import { printable } from '../printable.ts';
import { number, plural } from './numbers.ts';

/** Counts that are listed although they have had one value only. */
const MAX_UNREVISED = 12;

/** The report as text. With many counts only those with several values are listed. */
export function historyText(report: HistoryReport): string {
  const { country, level, counts, unknown } = report;
  const revised = counts.filter(({ values }) => values.length > 1);
  const isShort = counts.length - revised.length <= MAX_UNREVISED;
  const shown = isShort ? counts : revised;
  return [
    `${country}, level ${level}: ${plural(counts.length, 'count')} in ${plural(report.releases - unknown.length, 'release')}, ${number(revised.length)} with more than one value`,
    ...unknown.map(
      ({ release, reason }) => `Note: the values of ${release} are not known: ${printable(reason)}.`,
    ),
    ...(report.known_from && unknown.length > 0
      ? [`Note: the first release whose values are known is ${report.known_from}.`]
      : []),
    ...shown.flatMap((count) => ['', ...countLines(count)]),
    ...(isShort
      ? []
      : [
          '',
          `${number(counts.length - revised.length)} other counts have had one value only: name one with --operation, --type, --date or --round; --json and --csv have all.`,
        ]),
  ].join('\n');
}

const countLines = ({ operation, assessment_type, reporting_date, round_number, values }: CountHistory) => [
  `${printable(operation)}, ${printable(assessment_type)}, ${reporting_date}, round ${round_number}`,
  ...values.map((value, at) => `  ${valueLine(value, values[at - 1])}`),
];

const WORDS: Readonly<Record<CountValue['change'], string>> = {
  first: 'was there at first',
  new: 'came',
  revised: 'revised',
  gone: 'gone',
  again: 'there again',
};

function valueLine(value: CountValue, before: CountValue | undefined): string {
  const { release, published_at, change, certain, totals } = value;
  const persons = totals === null ? '-' : totals.idps === null ? 'no total' : `${number(totals.idps)}`;
  const doubt = certain ? '' : ' (or a release just before, which is not known)';
  return `${release.padEnd(13)} ${published_at.slice(0, 10)}  ${persons.padStart(12)}  ${WORDS[change]}${stepText(value, before)}${doubt}`;
}

/** What else differs: the step of the total, or the rows and sexes if the total is the same. */
function stepText({ totals }: CountValue, before: CountValue | undefined): string {
  const [old, now] = [before?.totals?.idps ?? null, totals?.idps ?? null];
  if (before?.totals == null || totals === null || old === null || now === null) return '';
  if (old !== now) return ` by ${now > old ? '+' : '-'}${number(Math.abs(now - old))}`;
  return before.totals.rows === totals.rows
    ? ': males or females'
    : `: ${plural(totals.rows, 'row')} in place of ${number(before.totals.rows)}`;
}
