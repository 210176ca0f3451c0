// Formats figures, dates and lists as HTML in English. With scripts, the browser rewrites numbers and dates in the reader's
// locale.
import { type HtmlPart, html, type Markup } from './html.ts';

/** A number that the browser can rewrite in the reader's locale. */
export const formatNumber = (value: number): Markup =>
  html`<data value="${value}">${value.toLocaleString('en')}</data>`;

/** A number of persons, or "no figure" for null; a missing figure is never 0. */
export const formatPersons = (value: number | null): Markup =>
  value === null ? html`<span class="none">no figure</span>` : formatNumber(value);

/** The day of an ISO 8601 date or time. */
export function formatDay(text: string): Markup {
  const date = text.slice(0, 10);
  return html`<time datetime="${date}">${date}</time>`;
}

/** A name from outside in `<bdi>`: a right-to-left name does not change the direction of the text around it. */
export const isolateName = (text: string): Markup => html`<bdi>${text}</bdi>`;

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A size for people: `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** `3 rows`, `1 row`. */
export const formatCount = (value: number, noun: string, nouns = `${noun}s`): Markup =>
  html`${formatNumber(value)} ${value === 1 ? noun : nouns}`;

/** `a, b and c`. */
export function joinWithAnd(parts: readonly HtmlPart[]): HtmlPart {
  return parts.map((part, at) => {
    if (at === 0) return part;
    return html`${at === parts.length - 1 ? ' and ' : ', '}${part}`;
  });
}

/** A link if the text is an http(s) or e-mail address, else the text. */
export function linkIfAddress(text: string): Markup {
  const url = /^https?:\/\/\S+$/.test(text) ? URL.parse(text) : null;
  if (url) return html`<a href="${url.href}" rel="noopener noreferrer">${isolateName(text)}</a>`;
  const isMail = /^[\w.+-]+@[\w-]+(\.[\w-]+)+$/.test(text);
  return isMail ? html`<a href="mailto:${text}">${text}</a>` : isolateName(text);
}

/** Escapes a path for an address, so that a `%` in a name is not read as an escape. */
export const href = (path: string): string => path.split('/').map(encodeURIComponent).join('/');
