// Puts a chart into a picture that explains itself away from the page: title, what it shows, credit, release and address. It
// has only SVG's own attributes, no style sheet, so every viewer of SVG shows it as the page does.
import { INK, PAPER, SOFT, WARN, WARN_INK } from './colors.ts';

const NAMESPACE = 'http://www.w3.org/2000/svg';
const FONT = 'Helvetica, Arial, "Liberation Sans", "Noto Sans", sans-serif';
const MARGIN = 28;

/** Width of every picture in pixels. */
export const PICTURE_WIDTH = 1000;
/** Width of the part between the margins. */
export const INNER_WIDTH = PICTURE_WIDTH - 2 * MARGIN;

/** The texts round a chart. Each is one paragraph. */
export interface FrameTexts {
  readonly title: string;
  /** What the chart shows. */
  readonly lines: readonly string[];
  /** Credit line, release, licence and address. */
  readonly notes: readonly string[];
  /** A warning above everything; null if there is none. */
  readonly warning: string | null;
}

/** A part of the picture, placed by its upper left corner between the margins. */
export interface FramePart {
  readonly node: SVGElement;
  readonly x: number;
  readonly y: number;
}

interface Frame {
  readonly svg: SVGSVGElement;
  /** The lower edge of what is there. */
  bottom: number;
}

/** Frames the parts, which are `height` pixels high together. */
export function framed(texts: FrameTexts, parts: readonly FramePart[], height: number): SVGSVGElement {
  const svg = svgElement('svg', {
    width: PICTURE_WIDTH,
    'font-family': FONT,
    color: SOFT,
    fill: INK,
  }) as SVGSVGElement;
  const frame: Frame = { svg, bottom: MARGIN };
  const paper = svgElement('rect', { width: PICTURE_WIDTH, fill: PAPER });
  const title = svgElement('title');
  title.textContent = toXmlText(texts.title);
  svg.setAttribute('role', 'img');
  svg.append(title, paper);
  if (texts.warning !== null) addWarning(frame, texts.warning);
  addText(frame, texts.title, { size: 23, weight: 700, fill: INK });
  for (const line of texts.lines) addText(frame, line, { size: 14, fill: SOFT });
  const top = frame.bottom + 10;
  for (const { node, x, y } of parts) svg.append(placed(node, MARGIN + x, top + y));
  frame.bottom = top + height + 12;
  for (const note of texts.notes) addText(frame, note, { size: 12, fill: SOFT });
  const total = Math.ceil(frame.bottom + MARGIN / 2);
  for (const node of [svg, paper]) node.setAttribute('height', String(total));
  svg.setAttribute('viewBox', `0 0 ${PICTURE_WIDTH} ${total}`);
  return svg;
}

/** Creates an SVG element. */
export function svgElement(
  tag: string,
  attributes: Readonly<Record<string, string | number>> = {},
): SVGElement {
  const node = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  return node;
}

/** Characters that XML 1.0 forbids. A file with one of them cannot be opened. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters meant
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** A text that XML can hold; each forbidden character becomes U+FFFD. */
export const toXmlText = (text: string): string => text.toWellFormed().replaceAll(FORBIDDEN, '\ufffd');

/** A line of text at a place. */
export function textAt(
  text: string,
  x: number,
  y: number,
  attributes: Readonly<Record<string, string | number>>,
) {
  const node = svgElement('text', { x, y, ...attributes });
  node.textContent = toXmlText(text);
  return node;
}

const placed = (node: SVGElement, x: number, y: number): SVGElement => {
  const group = svgElement('g', { transform: `translate(${x} ${y})` });
  group.append(node);
  return group;
};

interface TextStyle {
  /** Pixels. */
  readonly size: number;
  readonly weight?: number;
  readonly fill: string;
}

function addText(frame: Frame, text: string, { size, weight = 400, fill }: TextStyle): void {
  for (const line of wrapText(text, INNER_WIDTH, `${weight} ${size}px ${FONT}`)) {
    frame.bottom += Math.round(size * 1.35);
    const y = frame.bottom - Math.round(size * 0.3);
    frame.svg.append(textAt(line, MARGIN, y, { 'font-size': size, 'font-weight': weight, fill }));
  }
  frame.bottom += 4;
}

function addWarning(frame: Frame, warning: string): void {
  const band = svgElement('rect', { width: PICTURE_WIDTH, fill: WARN });
  frame.svg.append(band);
  frame.bottom = 8;
  addText(frame, warning, { size: 13, weight: 700, fill: WARN_INK });
  band.setAttribute('height', String(frame.bottom + 4));
  frame.bottom += 20;
}

let measure: CanvasRenderingContext2D | null | undefined;

/** Breaks a text into lines of at most `width` pixels: between words, and inside a word that is too long. */
export function wrapText(text: string, width: number, font: string): string[] {
  measure ??= document.createElement('canvas').getContext('2d');
  if (measure) measure.font = font;
  const fits = (line: string): boolean => (measure?.measureText(line).width ?? 7 * line.length) <= width;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (fits(longer)) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const character of word) {
      if (!fits(line + character)) {
        lines.push(line);
        line = '';
      }
      line += character;
    }
  }
  return [...lines, line];
}
