// Shows rows of a file as a table.
import type { PlainRow, Value } from '../../../../dataset/parquet/open.ts';
import { bdi, element } from '../elements/element.ts';
import { dateText, numberText } from '../locale.ts';
import type { FileColumn } from './file.ts';
import { plainText } from './filter.ts';

export function rowsTable(columns: readonly FileColumn[], rows: readonly PlainRow[]): HTMLElement {
  const head = columns.map(({ name, kind }) =>
    element('th', { scope: 'col', class: kind === 'number' ? 'n' : '' }, element('code', {}, name)),
  );
  return element(
    'div',
    { class: 'scroll rows-table', role: 'region', tabindex: 0, 'aria-label': 'Rows of the file' },
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...head)),
      element(
        'tbody',
        {},
        ...rows.map((row) =>
          element('tr', {}, ...columns.map((column) => cell(column, row[column.name] ?? null))),
        ),
      ),
    ),
  );
}

/** False for years, months, rounds, levels and ids: they are written without thousands separators. */
const isAmount = ({ name, kind }: FileColumn): boolean =>
  kind === 'number' && !/^(year|month|round|level|id)(_|$)/.test(name);

function cell(column: FileColumn, value: Value): HTMLElement {
  if (value === null) return element('td', { class: 'none' }, 'null');
  if (column.kind === 'date') return element('td', {}, dateText(plainText(value)));
  if (column.kind === 'number')
    return element('td', { class: 'n' }, isAmount(column) ? numberText(value as number) : plainText(value));
  return element('td', {}, bdi(plainText(value)));
}
