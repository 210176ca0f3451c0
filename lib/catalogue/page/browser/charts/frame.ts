// Shared by all charts. Plot adds a style element to each SVG, which the page's Content-Security-Policy forbids. So the page's own
// style sheet has these rules, under the same class.

/** CSS class of every chart. */
export const CLASS = 'chart';

/** Removes Plot's style element, and hides the chart from screen readers: a table has the same figures. */
export function prepareSvg(chart: Element): SVGSVGElement {
  const svg = chart as SVGSVGElement;
  svg.querySelector('style')?.remove();
  svg.setAttribute('aria-hidden', 'true');
  return svg;
}

/** The centre of a circle, in the coordinates of its chart. */
export const centreOf = (mark: Element): { x: number; y: number } => {
  const circle = mark as SVGCircleElement;
  const matrix = circle.getCTM();
  const inner = (circle.ownerSVGElement as SVGSVGElement).getCTM();
  const [dx, dy] = [(matrix?.e ?? 0) - (inner?.e ?? 0), (matrix?.f ?? 0) - (inner?.f ?? 0)];
  return { x: circle.cx.baseVal.value + dx, y: circle.cy.baseVal.value + dy };
};
