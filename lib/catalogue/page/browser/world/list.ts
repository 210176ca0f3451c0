// The ranked list beside the map: the countries with the most people.
import { bdi, element } from '../elements/element.ts';
import { ageText, dateText, figureText } from '../locale.ts';
import { lateTag, type WorldCount } from './counts.ts';
import { hashOf } from './open-country.ts';

/** Fills the list again. Bars are scaled to `greatest`, as the map's circles are. */
export function showList(list: HTMLElement, counts: readonly WorldCount[], greatest: number): void {
  const shown = counts.slice(0, Number(list.dataset.ranked));
  list.replaceChildren(...shown.map((count) => listItem(count, greatest)));
}

const listItem = (count: WorldCount, greatest: number): HTMLElement =>
  element(
    'li',
    {},
    element(
      'a',
      { href: hashOf(count), 'data-code': count.country },
      element('span', { class: 'who' }, bdi(count.name), ' ', lateTag(count)),
      ' ',
      element('span', { class: count.idps === null ? 'figure none' : 'figure' }, figureText(count.idps)),
      ' ',
      bar(count, greatest),
      ' ',
      element('span', { class: 'when' }, `${dateText(count.date)} · ${ageText(count.days)}`),
    ),
  );

const SVG = 'http://www.w3.org/2000/svg';

function bar({ idps, timeliness }: WorldCount, greatest: number): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [name, value] of [
    ['class', timeliness === 'on time' ? 'bar' : 'bar late'],
    ['viewBox', '0 0 100 1'],
    ['preserveAspectRatio', 'none'],
    ['aria-hidden', 'true'],
  ] as const)
    svg.setAttribute(name, value);
  const rect = document.createElementNS(SVG, 'rect');
  rect.setAttribute('width', String((100 * (idps ?? 0)) / greatest));
  rect.setAttribute('height', '1');
  svg.append(rect);
  return svg;
}
