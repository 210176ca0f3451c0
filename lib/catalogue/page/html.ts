// HTML templates that escape every value. Texts of the API are always text, even if they look like markup.

/** Finished markup, which a template does not escape again. Templates escape every string. */
export interface Markup {
  readonly markup: string;
}

export type HtmlPart = Markup | string | number | null | readonly HtmlPart[];

/** HTML spec: control characters and noncharacters that a document must not hold. They become U+FFFD, which is visible. */
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

/** True if a document holds every character of a text. */
export const isHtmlText = (text: string): boolean => text.search(FORBIDDEN) < 0;

/** Escapes a string for HTML text and for attribute values in quotes. */
export const escapeHtml = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(FORBIDDEN, '\ufffd')
    .replaceAll(/[&<>"'\r]/g, (char) => ENTITIES[char] as string);

/** Renders a template and escapes its values. Null renders as nothing, a list as its parts in order. */
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

/** JSON for a `<script>` data block. `<` is escaped, because `</script>` in a text would end the block. */
export const jsonBlock = (value: unknown): Markup => ({
  markup: JSON.stringify(value).toWellFormed().replaceAll('<', '\\u003c'),
});
