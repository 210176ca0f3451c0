// What the map shows, as rows with the columns of the dataset: one for each country.
import type { PageData } from '../../../charts/page-data.ts';
import { type CsvValue, toCsv } from '../../elements/csv.ts';
import type { WorldChoice } from '../choice/choice.ts';
import { ruleWords } from '../choice/rules.ts';
import { TIMELINESS_WORDS, type WorldCount } from '../counts.ts';

const COLUMNS = [
  ...['admin0_pcode', 'admin0_name', 'operation', 'assessment_type', 'reporting_date', 'round_number'],
  ...['level', 'idps', 'timeliness', 'timeliness_on', 'rule', 'release', 'credit'],
] as const;

/** What the map shows. */
export interface ShownMap {
  readonly data: PageData;
  readonly choice: WorldChoice;
  /** One count for each country, ranked. */
  readonly counts: readonly WorldCount[];
}

/** The counts as CSV. `timeliness` is that of the day `timeliness_on`. */
export function mapCsv({ data, choice, counts }: ShownMap): string {
  const byRule = ruleWords(choice.rule, data.day ?? '');
  const rows = counts.map((count): CsvValue[] => [
    ...[count.country, count.name, count.operation, count.assessment_type, { date: count.date }],
    ...[count.round, count.level, count.idps, TIMELINESS_WORDS[count.timeliness], { date: count.today }],
    ...[choice.own.includes(count) ? 'chosen by the reader' : byRule, data.release, data.credit],
  ]);
  return toCsv(COLUMNS, rows);
}
