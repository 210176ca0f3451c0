// The ages of operations, which depend on today: the column of the table, and which are overdue.
import { element } from '../elements/element.ts';
import { ageText, daysSince, numberText } from '../locale.ts';

/** What the table says of one operation, and what today makes of it. */
export interface OperationAge {
  readonly row: HTMLTableRowElement;
  readonly label: string;
  readonly status: string | null;
  readonly last: string;
  readonly days: number;
  readonly usual: number | null;
  readonly isOverdue: boolean;
}

/** Fills in the ages; the operations of the table, in its order. */
export function startAges(): OperationAge[] {
  const table = document.querySelector<HTMLTableElement>('#freshness-table');
  const operations = [...(table?.tBodies[0]?.rows ?? [])].map(readOperationAge);
  for (const one of operations) showAge(one);
  const head = table?.querySelector<HTMLElement>('[data-age-column]');
  if (head) head.hidden = false;
  startFilter(operations);
  return operations;
}

function readOperationAge(row: HTMLTableRowElement): OperationAge {
  const { last = '', usual } = row.dataset;
  const days = daysSince(last);
  const usualDays = usual === undefined ? null : Number(usual);
  const [country, operation, type] = [...row.cells].map((cell) => cell.textContent ?? '');
  return {
    row,
    label: `${country}: ${operation} (${type})`,
    status: row.querySelector('[data-status]')?.textContent ?? null,
    last,
    days,
    usual: usualDays,
    isOverdue: usualDays !== null && days > 2 * usualDays,
  };
}

const isActive = ({ status }: OperationAge): boolean => status === 'Active';

function showAge(aged: OperationAge): void {
  const cell = aged.row.querySelector<HTMLElement>('[data-age]');
  if (!cell) return;
  cell.hidden = false;
  cell.dataset.sort = String(aged.days);
  cell.append(ageText(aged.days));
  if (aged.isOverdue)
    cell.append(' ', element('span', { class: isActive(aged) ? 'tag bad' : 'tag' }, 'overdue'));
}

function startFilter(aged: readonly OperationAge[]): void {
  const filter = document.querySelector<HTMLElement>('[data-overdue-filter]');
  const box = filter?.querySelector<HTMLInputElement>('input');
  const stale = aged.filter((one) => isActive(one) && one.isOverdue);
  if (!filter || !box) return;
  filter.hidden = false;
  (filter.querySelector('[data-overdue-count]') as HTMLElement).textContent =
    `(${numberText(stale.length)} of ${numberText(aged.length)})`;
  box.addEventListener('change', () => {
    for (const one of aged) one.row.hidden = box.checked && !stale.includes(one);
  });
}
