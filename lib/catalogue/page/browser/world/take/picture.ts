// The map as a picture for a download. Its look is that of style/map.css on a light page, in SVG's own attributes.
import type { WorldShapes } from '../../../world/world-shapes.ts';
import { ACCENT, INK, LAND, PAPER, SOFT } from '../../charts/colors.ts';
import { type FrameTexts, framed, INNER_WIDTH, toXmlText } from '../../charts/framed.ts';
import type { MapCount } from '../circle.ts';
import { drawWorld } from '../draw.ts';
import { scaleFor } from '../scale.ts';

/** The attributes of each class of the map; later ones win. `unit` is one pixel in units of the shapes. */
const looks = (unit: number): Readonly<Record<string, Readonly<Record<string, string | number>>>> => ({
  land: { fill: LAND },
  border: { fill: 'none', stroke: PAPER, 'stroke-width': unit },
  unsettled: { stroke: SOFT, 'stroke-dasharray': `${unit} ${3 * unit}` },
  count: { fill: ACCENT, 'fill-opacity': 0.55, stroke: ACCENT },
  late: { 'fill-opacity': 0.12, 'stroke-dasharray': '3 2' },
  small: { 'stroke-dasharray': 'none' },
  hollow: { fill: 'none', 'stroke-width': 2 },
  size: { fill: 'none', stroke: SOFT },
  label: { fill: INK, 'font-size': 12 },
  'label-name': { 'font-weight': 700 },
});

/** Draws the picture; `greatest` is the figure of the greatest circle that there can be. */
export function mapPicture(
  texts: FrameTexts,
  { shapes, counts, greatest }: { shapes: WorldShapes; counts: readonly MapCount[]; greatest: number },
): SVGSVGElement {
  const scale = scaleFor(greatest, INNER_WIDTH);
  const { svg } = drawWorld(shapes, counts, { width: INNER_WIDTH, scale });
  for (const [name, attributes] of Object.entries(looks(shapes.width / INNER_WIDTH)))
    for (const node of svg.getElementsByClassName(name))
      for (const [attribute, value] of Object.entries(attributes))
        node.setAttribute(attribute, String(value));
  for (const node of [svg, ...svg.querySelectorAll('*')]) {
    for (const attribute of ['class', 'aria-hidden', 'data-code']) node.removeAttribute(attribute);
    if (node.childElementCount === 0) node.textContent = toXmlText(node.textContent ?? '');
  }
  return framed(texts, [{ node: svg, x: 0, y: 0 }], Number(svg.getAttribute('height')));
}
