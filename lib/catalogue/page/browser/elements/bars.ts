// A bar chart in the form of a table: each row has its figure as text and a bar next to it.
import { figureText } from '../locale.ts';
import { bdi, element } from './element.ts';

export interface Bar {
  readonly label: string;
  readonly hint?: string | null;
  readonly value: number | null;
  /** Makes the label a button with the attribute `data-at`. */
  readonly choose?: () => void;
  readonly at?: number;
}

/** Creates a table of bars, scaled to the greatest value. The first `shownRows` are visible, the others are folded. */
export function barTable(caption: string, head: string, bars: readonly Bar[], shownRows = 20): HTMLElement {
  const greatest = Math.max(1, ...bars.map(({ value }) => value ?? 0));
  const table = (part: readonly Bar[], title: string): HTMLElement =>
    element(
      'table',
      { class: 'bars' },
      element('caption', {}, title),
      element('thead', {}, element('tr', {}, th(head), th('People present', 'n'), element('td', {}))),
      element('tbody', {}, ...part.map((bar) => barRow(bar, greatest))),
    );
  const rest = bars.slice(shownRows);
  return element(
    'div',
    {},
    table(bars.slice(0, shownRows), caption),
    rest.length === 0
      ? null
      : element(
          'details',
          {},
          element('summary', {}, `${rest.length} more`),
          table(rest, `${caption}, the rest`),
        ),
  );
}

const th = (text: string, name = ''): HTMLElement => element('th', { scope: 'col', class: name }, text);

function barRow({ label, hint = null, value, choose, at }: Bar, greatest: number): HTMLElement {
  const bar = element('div', { class: 'bar' });
  bar.style.width = `${(100 * (value ?? 0)) / greatest}%`;
  const button =
    choose && element('button', { type: 'button', class: 'bar-name', 'data-at': at ?? null }, bdi(label));
  if (choose) button?.addEventListener('click', choose);
  const name = element('th', { scope: 'row' }, button ?? bdi(label));
  if (hint !== null) name.append(' ', element('span', { class: 'code' }, hint));
  return element(
    'tr',
    {},
    name,
    element('td', { class: value === null ? 'n none' : 'n' }, figureText(value)),
    element('td', { class: 'bar-cell' }, bar),
  );
}
