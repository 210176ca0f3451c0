// Labels of the greatest circles: name and figure, in the circle or beside it, where there is room.
import { shortNumber } from '../locale.ts';
import type { Circle } from './circle.ts';
import { svg } from './svg.ts';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Place extends Box {
  readonly anchor: 'start' | 'middle' | 'end';
}

/** Pixels of a line, and about those of a letter, of a text that is 12 pixels high. */
const [LINE, LETTER] = [13.5, 6.9];
/** Letters of a line of a name, and its lines. */
const [MAX_LETTERS, MAX_LINES] = [17, 3];
const GAP = 3;
/** One label for so many pixels of the map's width, and none on a narrower map than that. */
const [PIXELS_PER_LABEL, MIN_WIDTH] = [70, 480];

/** The labels of a map. One that finds no room is left out: the list has all names. */
export function labels(circles: readonly Circle[], map: { width: number; height: number }): SVGTextElement[] {
  if (map.width < MIN_WIDTH) return [];
  const taken: Box[] = [];
  const unnamed: Circle[] = [];
  const greatest = circles.filter(({ count }) => count.idps !== null && count.idps > 0);
  return greatest.slice(0, Math.floor(map.width / PIXELS_PER_LABEL)).flatMap((circle) => {
    const lines = [...nameLines(circle.count.name), shortNumber(circle.count.idps ?? 0)];
    const others = circles.filter((other) => other !== circle);
    const place = placesFor(circle, lines).find(
      (box) =>
        isInside(box, map) &&
        taken.every((other) => !overlaps(box, other)) &&
        others.every((other) => !covers(other, box)),
    );
    // Beside a greater circle without a name, a label would look like the name of that one.
    if (!place || unnamed.some((other) => touch(other, circle))) {
      unnamed.push(circle);
      return [];
    }
    taken.push(place);
    return [drawLabel(lines, place)];
  });
}

const touch = (a: Circle, b: Circle): boolean => Math.hypot(a.x - b.x, a.y - b.y) < a.r + b.r + GAP;

/** True if a circle reaches into a box. */
function covers({ x, y, r }: Circle, box: Box): boolean {
  const dx = Math.max(box.x - x, 0, x - box.x - box.width);
  const dy = Math.max(box.y - y, 0, y - box.y - box.height);
  return Math.hypot(dx, dy) < r;
}

const overlaps = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

const isInside = ({ x, y, width, height }: Box, map: { width: number; height: number }): boolean =>
  x >= 0 && y >= 0 && x + width <= map.width && y + height <= map.height;

/** The places that are tried, the best first: in the circle if it is wide enough, beside it, at its corners, below and above. */
function placesFor({ x, y, r }: Circle, lines: readonly string[]): Place[] {
  const width = LETTER * Math.max(...lines.map((line) => line.length));
  const height = LINE * lines.length;
  const size = { width, height };
  const [middle, centred] = [y - height / 2, x - width / 2];
  const corner = 0.72 * r + GAP;
  const isWide = width < 1.8 * r && height < 1.4 * r;
  return [
    ...(isWide ? [{ ...size, x: centred, y: middle, anchor: 'middle' } as const] : []),
    ...(isWide ? [{ ...size, x: centred, y: y - 0.75 * r, anchor: 'middle' } as const] : []),
    { ...size, x: x + r + GAP, y: middle, anchor: 'start' },
    { ...size, x: x - r - GAP - width, y: middle, anchor: 'end' },
    { ...size, x: x + corner, y: y - corner - height + LINE, anchor: 'start' },
    { ...size, x: x - corner - width, y: y - corner - height + LINE, anchor: 'end' },
    { ...size, x: x + corner, y: y + corner - LINE, anchor: 'start' },
    { ...size, x: x - corner - width, y: y + corner - LINE, anchor: 'end' },
    { ...size, x: centred, y: y + r + 1, anchor: 'middle' },
    { ...size, x: centred, y: y - r - height - 1, anchor: 'middle' },
  ];
}

/** A name in at most `MAX_LINES` lines; what does not fit is cut off with "…". */
export function nameLines(name: string): string[] {
  const lines: string[] = [];
  for (const word of name.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < MAX_LETTERS)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  const shown = lines.slice(0, MAX_LINES).map((line) => shorten(line, false));
  if (lines.length > MAX_LINES) shown[MAX_LINES - 1] = shorten(shown.at(-1) ?? '', true);
  return shown;
}

function shorten(line: string, hasMore: boolean): string {
  const letters = [...line];
  const isLong = letters.length > MAX_LETTERS;
  return isLong || hasMore ? `${letters.slice(0, MAX_LETTERS - 1).join('')}…` : line;
}

function drawLabel(lines: readonly string[], { x, y, width, anchor }: Place): SVGTextElement {
  const at = { start: x, middle: x + width / 2, end: x + width }[anchor];
  const spans = lines.map((line, row) =>
    svg(
      'tspan',
      { ...(row < lines.length - 1 ? { class: 'label-name' } : {}), x: at, y: y + LINE * (row + 1) - 3 },
      line,
    ),
  );
  return svg('text', { class: 'label', 'text-anchor': anchor }, ...spans);
}
