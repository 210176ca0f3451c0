// Links to the chosen country's files, copied from the page's table of files.
import { bdi, element } from '../../elements/element.ts';

/** Links to the whole files of a country; empty if the table of files has no row for it. */
export function countryFiles(country: string): HTMLElement {
  const list = downloads(country);
  return element(
    'div',
    { class: 'country-files' },
    list && element('p', {}, 'Whole files of this country'),
    list,
  );
}

function downloads(country: string): HTMLElement | null {
  const row = document.querySelector<HTMLTableRowElement>(`tr[data-files="${CSS.escape(country)}"]`);
  if (!row) return null;
  const heads = [...(row.closest('table')?.tHead?.rows[0]?.cells ?? [])];
  const list = element('ul', { class: 'downloads', 'aria-label': 'Files of this country' });
  for (const cell of row.querySelectorAll<HTMLTableCellElement>('td.links')) {
    const links = [...cell.querySelectorAll('a')].map((link) => link.cloneNode(true) as HTMLElement);
    if (links.length === 0) continue;
    const item = element('li', {}, bdi(`${heads[cell.cellIndex]?.textContent ?? ''}: `));
    for (const link of links) item.append(link, ' ');
    list.append(item);
  }
  return list;
}
