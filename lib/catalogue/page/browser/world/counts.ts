// The newest counts of all series, read from the table of freshness, with their state as of today.
import type { PageData } from '../../charts/page-data.ts';
import { type ChoosableCount, type Timeliness, timelinessOn } from '../../world/choose-counts.ts';
import { element } from '../elements/element.ts';
import type { OperationAge } from '../freshness/ages.ts';
import { ageText, dateText, figureText } from '../locale.ts';

/** The newest count of one series. */
export interface WorldCount extends ChoosableCount {
  readonly round: number;
  /** The admin level whose rows are summed: 0 if there is a count of the country. */
  readonly level: number;
  /** The day on which the page was opened, in UTC: that of age and timeliness. */
  readonly today: string;
  /** Age in days. */
  readonly days: number;
  readonly timeliness: Timeliness;
}

/** Reads the counts in the order of the table. */
export const readCounts = (
  { exactTexts }: Pick<PageData, 'exactTexts'>,
  operations: readonly OperationAge[],
): WorldCount[] => operations.map((operation, at) => ({ ...readCount(operation), ...exactTexts[at] }));

function readCount({ row, last, days, usual }: OperationAge): WorldCount {
  const [name = '', operation = '', assessment_type = ''] = [...row.cells].map(
    (cell) => cell.querySelector('bdi')?.textContent ?? '',
  );
  const today = new Date().toISOString().slice(0, 10);
  const figure = row.cells[row.cells.length - 1];
  const idps = figure?.dataset.sort === '' ? null : Number(figure?.dataset.sort);
  return {
    ...{ country: row.dataset.country ?? '', name, operation, assessment_type },
    ...{ date: last, idps, usual_days: usual, days, today },
    ...{ round: Number(row.dataset.round), level: Number(row.dataset.level ?? 0) },
    timeliness: timelinessOn({ date: last, usual_days: usual }, today),
  };
}

/** The figure with its level: `1,234 (level 1)`. */
export const personsText = ({ idps, level }: WorldCount): string =>
  `${figureText(idps)}${level === 0 ? '' : ` (level ${level})`}`;

/** `31 Oct 2026, 29 days old`. */
export const whenText = ({ date, days }: WorldCount): string => `${dateText(date)}, ${ageText(days)} old`;

/** A tag with the state of a count that is late, or null. */
export const lateTag = ({ timeliness }: WorldCount): HTMLElement | null =>
  timeliness === 'on time' ? null : element('span', { class: 'tag' }, TIMELINESS_WORDS[timeliness]);

/** Words about the state of a count. */
export const TIMELINESS_WORDS = { 'on time': 'on time', overdue: 'overdue', single: 'counted once' } as const;
