// What the map shows at the moment, for its download bar.
import type { WorldShapes } from '../../../world/world-shapes.ts';
import type { FrameTexts } from '../../charts/framed.ts';
import type { Shown } from '../../elements/download-bar.ts';
import { fileName, sourceTexts } from '../../elements/download-texts.ts';
import { isolate, requireElement } from '../../elements/element.ts';
import { dateText, numberText } from '../../locale.ts';
import { ruleName } from '../choice/rules.ts';
import { toMapCount } from '../circle.ts';
import { mapPicture } from './picture.ts';
import { mapCsv, type ShownMap } from './rows.ts';

/** The map with its shapes, and the greatest figure of all series. */
export interface DrawnMap extends ShownMap {
  readonly shapes: WorldShapes;
  readonly greatest: number;
}

/** The map; `link` opens it. */
export function mapShown(map: DrawnMap, link: string): Shown {
  const { data, choice, counts } = map;
  return {
    name: fileName(data, 'world', ruleName(choice.rule), choice.own.length > 0 ? 'own choice' : ''),
    csv: () => mapCsv(map),
    svg: () => mapPicture(mapTexts(map, link), { ...map, counts: counts.map(toMapCount) }),
  };
}

/** Rule and words about boundaries are those of the page. */
function mapTexts({ data, counts, shapes }: DrawnMap, link: string): FrameTexts {
  const today = dateText(counts[0]?.today ?? '');
  const absent = counts.filter(({ country }) => !shapes.points[country]).map(({ name }) => isolate(name));
  const notes = [
    `The area of a circle is the number of people present. Pale: overdue on ${today}, or counted once over a year before. Hollow: no figure.`,
    ...(absent.length === 0 ? [] : [`Not on the map: ${absent.join(', ')}.`]),
    requireElement('[data-map-words]').textContent ?? '',
  ];
  return {
    title: 'People present in displacement, by country',
    lines: [
      requireElement('#world .rule').textContent ?? '',
      `${numberText(counts.length)} countries. State of ${today}.`,
    ],
    ...sourceTexts(data, notes, link),
  };
}
