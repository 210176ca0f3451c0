// The legend of the map: sizes, and what pale and hollow circles mean.
import { element } from '../elements/element.ts';
import { shortNumber } from '../locale.ts';
import { type CircleScale, roundFigures } from './scale.ts';
import { svg } from './svg.ts';

/** A map of at least so many pixels has room for the sizes in its lower left corner, where there is only sea. */
const MIN_CORNER_WIDTH = 620;
const [LINE, MARGIN] = [14, 4];

/** The sizes as circles in each other, for the corner of a wide map; null if the map is narrow. */
export function sizesInCorner(
  scale: CircleScale,
  { width, height }: { width: number; height: number },
): SVGGElement | null {
  if (width < MIN_CORNER_WIDTH) return null;
  const figures = [...roundFigures(scale.greatest).slice(0, 2), scale.smallest];
  const radii = figures.map((figure) => scale.radius(figure));
  const most = radii[0] ?? 0;
  const bottom = height - MARGIN;
  const rows = figures.map((figure, at) => {
    const r = radii[at] as number;
    const y = bottom - 2 * most + LINE * at + LINE / 2;
    const words = `${at === figures.length - 1 ? 'up to ' : ''}${shortNumber(figure)}`;
    return [
      svg('circle', { class: 'size', cx: MARGIN + most, cy: bottom - r, r }),
      svg('path', { class: 'size', d: `M${MARGIN + most},${bottom - 2 * r}L${2 * most + 8},${y}h6` }),
      svg('text', { class: 'label', x: 2 * most + 17, y: y + 4 }, words),
    ];
  });
  const title = svg('text', { class: 'label', x: MARGIN, y: bottom - 2 * most - 9 }, 'People present:');
  return svg('g', { class: 'sizes' }, title, ...rows.flat());
}

/** The line below the map: kinds of circles, and on a narrow map the sizes. */
export function legend(scale: CircleScale, width: number): HTMLElement {
  const sizes = width >= MIN_CORNER_WIDTH ? [] : roundFigures(scale.greatest).slice(0, 2);
  return element(
    'p',
    { class: 'legend-line' },
    element('span', {}, 'The area of a circle is the number of people present.'),
    ...sizes.map((figure) => entry('', scale.radius(figure), shortNumber(figure))),
    sizes.length > 0 ? entry('', scale.radius(0), `up to ${shortNumber(scale.smallest)}`) : null,
    entry('late', 6, 'pale: overdue today, or counted once over a year ago'),
    entry('hollow', 5, 'no figure'),
  );
}

function entry(kind: string, radius: number, words: string): HTMLElement {
  const size = 2 * radius + 2;
  return element(
    'span',
    { class: 'map-key-entry' },
    svg(
      'svg',
      { width: size, height: size, 'aria-hidden': 'true' },
      svg('circle', { class: `count ${kind}`, cx: size / 2, cy: size / 2, r: radius }),
    ),
    words,
  );
}
