// The text beside the circle that the reader points at. Screen readers hear it.
import { bdi, element } from '../elements/element.ts';
import type { Circle } from './circle.ts';

export interface Tooltip {
  readonly node: HTMLElement;
  /** Shows a circle's text beside it, on a map of so many pixels; hides it if there is no circle. */
  show(circle: Circle | undefined, width: number): void;
}

const GAP = 8;

/** Creates the tooltip, hidden. */
export function tooltip(): Tooltip {
  const node = element('div', { class: 'map-tooltip', 'aria-live': 'polite' });
  return {
    node,
    show: (circle, width) => {
      node.toggleAttribute('data-shown', circle !== undefined);
      if (!circle) return node.replaceChildren();
      const { count, x, y, r } = circle;
      node.replaceChildren(
        line(element('strong', {}, bdi(count.name)), ': ', count.figure),
        line(bdi(count.series)),
        line(count.when),
      );
      // The tooltip stands on the side that has more room.
      const isLeft = x > width / 2;
      node.style.left = isLeft ? 'auto' : `${x + r + GAP}px`;
      node.style.right = isLeft ? `${width - x + r + GAP}px` : 'auto';
      node.style.top = `${Math.max(0, y - node.offsetHeight / 2)}px`;
    },
  };
}

const line = (...children: (Node | string)[]): HTMLElement => element('p', {}, ...children);
