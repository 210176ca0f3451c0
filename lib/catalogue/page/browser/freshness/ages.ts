// Computes the ages of operations, which depend on today. Fills the table's column and marks overdue operations.
import { element } from '../elements/element.ts';
import { ageText, daysSince, numberText } from '../locale.ts';

/** One operation of the table, with its age in days as of today. */
export interface OperationAge {
  readonly row: HTMLTableRowElement;
  readonly label: string;
  readonly status: string | null;
  readonly last: string;
  readonly days: number;
  readonly usual: number | null;
  readonly isOverdue: boolean;
}

/** Fills in the ages. Returns the operations in the order of the table. */
export function startAges(): OperationAge[] {
  const table = document.querySelector<HTMLTableElement>('#freshness-table');
  const operations = [...(table?.tBodies[0]?.rows ?? [])].map(readOperationAge);
  for (const operation of operations) {
    // With scripts, a link to a country shows its chart. The browser must not jump to this row as well.
    operation.row.removeAttribute('id');
    showAge(operation);
  }
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

function showAge(operation: OperationAge): void {
  const cell = operation.row.querySelector<HTMLElement>('[data-age]');
  if (!cell) return;
  cell.hidden = false;
  cell.dataset.sort = String(operation.days);
  cell.append(ageText(operation.days));
  if (operation.isOverdue)
    cell.append(' ', element('span', { class: isActive(operation) ? 'tag bad' : 'tag' }, 'overdue'));
}

function startFilter(operations: readonly OperationAge[]): void {
  const filter = document.querySelector<HTMLElement>('[data-overdue-filter]');
  const box = filter?.querySelector<HTMLInputElement>('input');
  const overdue = operations.filter((operation) => isActive(operation) && operation.isOverdue);
  if (!filter || !box) return;
  filter.hidden = false;
  (filter.querySelector('[data-overdue-count]') as HTMLElement).textContent =
    `(${numberText(overdue.length)} of ${numberText(operations.length)})`;
  box.addEventListener('change', () => {
    for (const operation of operations) operation.row.hidden = box.checked && !overdue.includes(operation);
  });
}
