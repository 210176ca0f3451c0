// The viewer, a bundle of its own: shows the first rows of a Parquet file, or the rows that match a filter.
import { element, notice } from '../elements/element.ts';
import { numberText, sizeText } from '../locale.ts';
import { errorText, type OpenFile, openFile } from './file.ts';
import { type Filter, filterForm } from './filter.ts';
import { findRows } from './rows.ts';
import { rowsTable } from './table.ts';

export interface Viewer {
  /** Shows the viewer in a container and opens the first file. */
  open(container: HTMLElement): Promise<void>;
}

/** Maximum number of rows in the table. */
const MAX_ROWS = 50;

/** The Parquet files that the page links to, whole tables first. */
function listedFiles(): { href: string; bytes: number; group: string }[] {
  const links = document.querySelectorAll<HTMLAnchorElement>(
    '#whole-tables a[data-format=parquet], #country-files a[data-format=parquet]',
  );
  return [...links].map((link) => ({
    href: link.getAttribute('href') ?? '',
    bytes: Number(link.dataset.bytes),
    group: link.closest('tr[data-files]')?.querySelector('bdi')?.textContent ?? 'Whole tables',
  }));
}

function fileSelect(files: ReturnType<typeof listedFiles>): HTMLSelectElement {
  const groups = [...Map.groupBy(files, ({ group }) => group)].map(([group, groupFiles]) =>
    element(
      'optgroup',
      { label: group },
      ...groupFiles.map(({ href, bytes }) =>
        element('option', { value: href }, `${href.split('/').at(-1)} (${sizeText(bytes)})`),
      ),
    ),
  );
  return element('select', { id: 'viewer-file' }, ...groups);
}

async function open(container: HTMLElement): Promise<void> {
  const files = listedFiles();
  const select = fileSelect(files);
  const [form, output] = [element('div', { class: 'filter-form' }), element('div', { class: 'rows' })];
  container.replaceChildren(
    element('p', { class: 'field' }, element('label', { for: 'viewer-file' }, 'File'), select),
    form,
    output,
  );
  const show = async (): Promise<void> => {
    const chosen = files.find(({ href }) => href === select.value);
    if (!chosen) return;
    form.replaceChildren();
    await showErrors(output, async () => {
      const file = await openFile(chosen.href, chosen.bytes);
      form.replaceChildren(
        filterForm(file.columns, (filter) => showErrors(output, () => showRows(file, filter, output))),
      );
      await showRows(file, null, output);
    });
  };
  select.addEventListener('change', show);
  await show();
}

/** Runs `work` and shows the message of its error, if any. */
async function showErrors(output: HTMLElement, work: () => Promise<void>): Promise<void> {
  output.setAttribute('aria-busy', 'true');
  try {
    await work();
  } catch (error) {
    output.replaceChildren(notice(errorText(error)));
  }
  output.removeAttribute('aria-busy');
}

async function showRows(file: OpenFile, filter: Filter | null, output: HTMLElement): Promise<void> {
  const { rows, isAll } = await findRows(file, filter, MAX_ROWS);
  const summary =
    filter === null
      ? `The first ${numberText(rows.length)} of ${numberText(file.parquet.rows)} rows.`
      : matchText(rows.length, isAll);
  output.replaceChildren(
    element('p', { role: 'status', class: 'cost' }, `${summary} ${file.cost()}`),
    rowsTable(file.columns, rows),
  );
}

const matchText = (rows: number, isAll: boolean): string =>
  isAll
    ? `${numberText(rows)} ${rows === 1 ? 'row matches' : 'rows match'}.`
    : `The first ${numberText(rows)} rows that match; there may be more.`;

declare global {
  var dtmViewer: Viewer | undefined;
}

globalThis.dtmViewer = { open };
