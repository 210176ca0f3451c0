// HTML from templates in which every value is escaped: what the API sends is text, whatever it looks like.

/** Markup that is what it says; anything else that goes into a template is text. */
export interface Markup {
  readonly markup: string;
}

export type HtmlPart = Markup | string | number | null | readonly HtmlPart[];

/** HTML: controls that no document may hold; they become U+FFFD, so that they are seen. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters meant
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufdd0-\ufdef\ufffe\uffff]/g;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '\r': '&#13;',
};

/** Any string as HTML text or as an attribute's value in quotes. */
export const escapeHtml = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(FORBIDDEN, '\ufffd')
    .replaceAll(/[&<>"'\r]/g, (char) => ENTITIES[char] as string);

/** The template with its values escaped; null is nothing, a list is its parts one after the other. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlPart[]): Markup {
  return {
    markup: strings
      .map((text, at) => text + (at < values.length ? renderPart(values[at] ?? null) : ''))
      .join(''),
  };
}

function renderPart(part: HtmlPart): string {
  if (part === null) return '';
  if (typeof part === 'string') return escapeHtml(part);
  if (typeof part === 'number') return String(part);
  return 'markup' in part ? part.markup : part.map(renderPart).join('');
}

/** JSON as a data block's content, which a `<` could end. */
export const jsonBlock = (value: unknown): Markup => ({
  markup: JSON.stringify(value).toWellFormed().replaceAll('<', '\\u003c'),
});
