// Line charts as pictures for a download: one large chart with a legend, or a grid of small ones.
import { LINE_COLORS, SOFT } from './colors.ts';
import { daySpan } from './days.ts';
import {
  type FramePart,
  type FrameTexts,
  framed,
  INNER_WIDTH,
  svgElement,
  textAt,
  wrapText,
} from './framed.ts';
import type { LineChart, LineOptions, LineSeries } from './lines.ts';

/** A line with its name and the number of its colour. */
export interface NamedLine extends Omit<LineSeries, 'color'> {
  readonly label: string;
  /** Its newest count in words. */
  readonly newest: string;
  readonly color: number;
}

export interface LinePicture {
  readonly texts: FrameTexts;
  readonly lines: readonly NamedLine[];
  /** Index of the line that is drawn in front. */
  readonly chosen: number;
  /** A panel for each line, all with the same or each with its own axis of figures; null for one chart of all lines. */
  readonly panels: 'same' | 'own' | null;
}

const CHART_HEIGHT = 440;
const PANEL_HEIGHT = 150;
const PANEL_GAP = 22;

/** Draws lines, as `Charts` does. */
export type DrawLines = (series: readonly LineSeries[], options: LineOptions) => LineChart;

/** Draws the picture. */
export function linePicture(lines: DrawLines, picture: LinePicture): SVGSVGElement {
  const { parts, height } = picture.panels === null ? oneChart(lines, picture) : panelGrid(lines, picture);
  return framed(picture.texts, parts, height);
}

interface Body {
  readonly parts: readonly FramePart[];
  readonly height: number;
}

const withColor = ({ points, usual, color }: NamedLine): LineSeries => ({
  points,
  usual,
  color: LINE_COLORS[color % LINE_COLORS.length] as string,
});

function oneChart(lines: DrawLines, { lines: named, chosen }: LinePicture): Body {
  const rows = named.length === 1 ? [] : named.map((line, at) => legendRow(line, at));
  const top = rows.length * 20 + (rows.length > 0 ? 8 : 0);
  const { svg } = lines(named.map(withColor), { width: INNER_WIDTH, height: CHART_HEIGHT, chosen });
  return { parts: [...rows, { node: plainSvg(svg), x: 0, y: top }], height: top + CHART_HEIGHT };
}

function legendRow(line: NamedLine, at: number): FramePart {
  const row = svgElement('g');
  const fill = withColor(line).color;
  row.append(
    svgElement('rect', { y: 4, width: 18, height: 5, rx: 2, fill }),
    label(`${line.label}: ${line.newest}`, 26, INNER_WIDTH - 26),
  );
  return { node: row, x: 0, y: at * 20 };
}

/** The first line of a label, with an ellipsis if there is more. */
function label(text: string, x: number, width: number): SVGElement {
  const [first = '', ...rest] = wrapText(text, width - 14, '13px Helvetica, Arial, sans-serif');
  return textAt(rest.length === 0 ? first : `${first}…`, x, 12, { 'font-size': 13 });
}

function panelGrid(lines: DrawLines, { lines: named, panels }: LinePicture): Body {
  const columns = 3;
  const width = (INNER_WIDTH - (columns - 1) * PANEL_GAP) / columns;
  const rowHeight = PANEL_HEIGHT + 62;
  const days = daySpan(named);
  const figures = named.flatMap(({ points }) => points.map(({ value }) => value || 0));
  const shared = panels === 'same' ? { top: Math.max(...figures) } : {};
  const parts = named.map((line, at): FramePart => {
    const { svg } = lines([withColor(line)], {
      ...{ width, height: PANEL_HEIGHT, chosen: 0, days, isSmall: true },
      ...shared,
    });
    const panel = svgElement('g');
    const chart = svgElement('g', { transform: 'translate(0 38)' });
    chart.append(plainSvg(svg));
    const newest = textAt(line.newest, 0, 30, { 'font-size': 13, fill: SOFT });
    panel.append(label(line.label, 0, width), newest, chart);
    return {
      node: panel,
      x: (at % columns) * (width + PANEL_GAP),
      y: Math.floor(at / columns) * rowHeight,
    };
  });
  return { parts, height: Math.ceil(named.length / columns) * rowHeight };
}

/** A chart without what only the page's style sheet explains. */
function plainSvg(svg: SVGSVGElement): SVGSVGElement {
  svg.removeAttribute('class');
  svg.removeAttribute('aria-hidden');
  svg.removeAttribute('font-family');
  svg.setAttribute('font-size', '12');
  svg.setAttribute('color', SOFT);
  return svg;
}
