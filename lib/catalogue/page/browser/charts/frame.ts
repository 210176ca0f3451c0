// What all charts share. Plot writes a style element into what it draws, which a strict policy forbids: the rules stand
// in the page's own style sheet instead, under the same class.

/** The class of every chart. */
export const CLASS = 'chart';

/** A chart without the style element that it came with, and out of what is read aloud: a table says the same. */
export function prepareSvg(chart: Element): SVGSVGElement {
  const svg = chart as SVGSVGElement;
  svg.querySelector('style')?.remove();
  svg.setAttribute('aria-hidden', 'true');
  return svg;
}

/** The middle of a drawn mark, in the chart's own units. */
export const centreOf = (mark: Element): { x: number; y: number } => {
  const circle = mark as SVGCircleElement;
  const matrix = circle.getCTM();
  const inner = (circle.ownerSVGElement as SVGSVGElement).getCTM();
  const [dx, dy] = [(matrix?.e ?? 0) - (inner?.e ?? 0), (matrix?.f ?? 0) - (inner?.f ?? 0)];
  return { x: circle.cx.baseVal.value + dx, y: circle.cy.baseVal.value + dy };
};
