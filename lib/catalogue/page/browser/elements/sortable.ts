// Sorts tables by a click or a key press on a column's head.
import { element } from './element.ts';

/** Makes every column of tables with `data-sortable` sortable; equal rows keep their order. */
export function makeSortable(root: ParentNode): void {
  for (const table of root.querySelectorAll<HTMLTableElement>('table[data-sortable]')) {
    for (const head of table.tHead?.rows[0]?.cells ?? []) {
      const button = element('button', { type: 'button', class: 'sort' });
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => sortBy(table, head));
    }
  }
}

function sortBy(table: HTMLTableElement, head: HTMLTableCellElement): void {
  const isDescending = head.getAttribute('aria-sort') === 'ascending';
  for (const other of table.tHead?.rows[0]?.cells ?? []) other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', isDescending ? 'descending' : 'ascending');
  const body = table.tBodies[0] as HTMLTableSectionElement;
  const rows = [...body.rows].map((row) => ({ row, value: sortValue(row.cells[head.cellIndex]) }));
  rows.sort(
    (a, b) => compare(a.value, b.value) * (isDescending && a.value !== '' && b.value !== '' ? -1 : 1),
  );
  body.append(...rows.map(({ row }) => row));
}

const sortValue = (cell: HTMLTableCellElement | undefined): string =>
  cell?.dataset.sort ?? cell?.textContent?.trim() ?? '';

/** Compares numbers by value and texts by the alphabet. Cells without a value come last in both directions. */
function compare(a: string, b: string): number {
  if (a === '' || b === '') return a === b ? 0 : a === '' ? 1 : -1;
  const [x, y] = [Number(a), Number(b)];
  return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b) : x - y;
}
