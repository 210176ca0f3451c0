// The table behind the map: every country with the series of its figure. The reader can choose another series for a country.
import { bdi, element } from '../elements/element.ts';
import { ageText, dateText } from '../locale.ts';
import { lateTag, personsText, type WorldCount } from './counts.ts';
import { hashOf } from './open-country.ts';

/** What the table shows, and where it reports the reader's choice. */
export interface WorldTable {
  /** One count for each country. */
  readonly chosen: readonly WorldCount[];
  /** The counts of all series. */
  readonly counts: readonly WorldCount[];
  onChoose(count: WorldCount): void;
}

/** Fills the table again. The focus stays on the country that has it. */
export function showTable(body: HTMLTableSectionElement, table: WorldTable): void {
  const focused = body.contains(document.activeElement) ? document.activeElement?.id : undefined;
  body.replaceChildren(...table.chosen.map((count) => tableRow(count, table)));
  if (focused) document.getElementById(focused)?.focus();
}

const tableRow = (count: WorldCount, table: WorldTable): HTMLElement =>
  element(
    'tr',
    { 'data-code': count.country },
    element('th', { scope: 'row' }, element('a', { href: hashOf(count) }, bdi(count.name))),
    element('td', { class: count.idps === null ? 'n none' : 'n' }, personsText(count)),
    element('td', { class: 'name' }, seriesCell(count, table)),
    element('td', {}, dateText(count.date)),
    element('td', {}, `${ageText(count.days)} `, lateTag(count)),
  );

const seriesText = ({ operation, assessment_type }: WorldCount): string =>
  `${operation} (${assessment_type})`;

/** The name of the series, as a list to choose from if the country has others. */
function seriesCell(count: WorldCount, { counts, onChoose }: WorldTable): HTMLElement {
  const own = counts.filter(({ country }) => country === count.country);
  if (own.length === 1) return bdi(seriesText(count));
  const select = element(
    'select',
    { id: `series-${count.country}`, 'aria-label': `Operation and assessment type of ${count.name}` },
    ...own.map((other, at) =>
      element('option', { value: at, selected: other === count, dir: 'auto' }, seriesText(other)),
    ),
  );
  select.addEventListener('change', () => onChoose(own[Number(select.value)] as WorldCount));
  return select;
}
