// The map of the world, a bundle of its own because of its shapes. `npm run build` replaces `WORLD_SHAPES`.
import type { PageData } from '../../charts/page-data.ts';
import type { WorldShapes } from '../../world/world-shapes.ts';
import { downloadBar } from '../elements/download-bar.ts';
import { element } from '../elements/element.ts';
import { pageAddress } from '../elements/link.ts';
import { observeWidth } from '../elements/observe-width.ts';
import { NO_CHOICE, type WorldChoice } from './choice/choice.ts';
import { writeMapHash } from './choice/link.ts';
import { type Circle, toMapCount } from './circle.ts';
import type { WorldCount } from './counts.ts';
import { drawWorld } from './draw.ts';
import { legend } from './legend.ts';
import { scaleFor } from './scale.ts';
import { makeStage } from './stage.ts';
import { mapShown } from './take/shown.ts';
import { tooltip } from './tooltip.ts';

export interface WorldMap {
  /** Shows these counts of a choice, in the order of the arrow keys. Returns those that the map has no place for. */
  show(counts: readonly WorldCount[], choice: WorldChoice): WorldCount[];
  /** Marks the circle of a country; null removes the mark. */
  mark(code: string | null): void;
}

export interface WorldMapOptions {
  /** The element that the map fills. */
  readonly container: HTMLElement;
  readonly data: PageData;
  /** The greatest figure of all series: the scale does not depend on what is shown. */
  readonly greatest: number;
  /** The reader chose a country; gets the hash of its count. */
  onOpen(hash: string): void;
}

export interface WorldMapMaker {
  create(options: WorldMapOptions): WorldMap;
}

declare const WORLD_SHAPES: WorldShapes;

function create({ container, data, greatest, onOpen }: WorldMapOptions): WorldMap {
  let counts: readonly WorldCount[] = [];
  let choice = NO_CHOICE;
  let circles: Circle[] = [];
  const bubble = tooltip();
  const stage = makeStage({
    onMark: (at) => bubble.show(at === null ? undefined : circles[at], stage.host.clientWidth),
    onOpen: (at) => onOpen((circles[at] as Circle).count.hash),
  });
  const key = element('div', { class: 'map-key' });
  const paint = (width: number): void => {
    const scale = scaleFor(greatest, width);
    const drawing = drawWorld(WORLD_SHAPES, counts.map(toMapCount), { width, scale });
    circles = drawing.circles;
    bubble.show(undefined, width);
    stage.draw(drawing.svg, circles);
    key.replaceChildren(legend(scale, width));
  };
  const link = (): string => pageAddress(data) + writeMapHash(choice);
  const bar = downloadBar({
    label: 'the map',
    shown: () => mapShown({ data, choice, counts, shapes: WORLD_SHAPES, greatest }, link()),
    link,
  });
  container.replaceChildren(stage.host, bubble.node, key, bar);
  observeWidth(stage.host, paint);
  return {
    mark: (code) => {
      const at = circles.findIndex(({ count }) => count.code === code);
      stage.mark(at < 0 ? null : at);
    },
    show: (next, nextChoice) => {
      [counts, choice] = [next, nextChoice];
      const absent = next.filter(({ country }) => !WORLD_SHAPES.points[country]);
      stage.describe(next.length - absent.length);
      if (stage.host.clientWidth > 0) paint(Math.floor(stage.host.clientWidth));
      return absent;
    },
  };
}

declare global {
  var dtmMap: WorldMapMaker | undefined;
}

globalThis.dtmMap = { create };
