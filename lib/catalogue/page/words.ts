// Figures, dates and lists as HTML and as words. Without scripts they read as English; the browser puts numbers and
// dates into its reader's own way of writing them.
import { type HtmlPart, html, type Markup } from './html.ts';

/** A number that the browser may write in its reader's way. */
export const formatNumber = (value: number): Markup =>
  html`<data value="${value}">${value.toLocaleString('en')}</data>`;

/** A figure of persons, or the words for a missing one, which is never 0. */
export const formatPersons = (value: number | null): Markup =>
  value === null ? html`<span class="none">no figure</span>` : formatNumber(value);

/** The day of an ISO 8601 date or time. */
export function formatDay(text: string): Markup {
  const date = text.slice(0, 10);
  return html`<time datetime="${date}">${date}</time>`;
}

/** Anybody's name: written in its own direction, and unable to turn what stands around it. */
export const isolateName = (text: string): Markup => html`<bdi>${text}</bdi>`;

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes as a person reads them: `1.2 MB`. */
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

/** A link where the text is an address that a browser should open, else the text. */
export function linkIfAddress(text: string): Markup {
  const url = /^https?:\/\/\S+$/.test(text) ? URL.parse(text) : null;
  if (url) return html`<a href="${url.href}" rel="noopener noreferrer">${isolateName(text)}</a>`;
  const isMail = /^[\w.+-]+@[\w-]+(\.[\w-]+)+$/.test(text);
  return isMail ? html`<a href="mailto:${text}">${text}</a>` : isolateName(text);
}

/** A path as part of an address: `%` and what follows it in a name must not be taken for an escape. */
export const href = (path: string): string => path.split('/').map(encodeURIComponent).join('/');
