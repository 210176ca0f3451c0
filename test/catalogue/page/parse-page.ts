// Parses a page with the few rules of HTML that matter here. It shares no code with the renderer.

const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"]*")?)*)\s*>|<!doctype html>/gi;
const ATTRIBUTE = /\s+([a-z-]+)(?:="([^"]*)")?/gi;

export interface Tag {
  readonly name: string;
  readonly isEnd: boolean;
  readonly attributes: ReadonlyMap<string, string>;
}

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  '#13': '\r',
};

/** Decodes character references. @throws {Error} for a reference that our renderer never writes */
export const decodeReferences = (text: string): string =>
  text.replaceAll(/&([^;]*);?/g, (whole, name: string) => {
    const char = NAMED[name];
    if (char === undefined || !whole.endsWith(';'))
      throw new Error(`unexpected character reference ${whole}`);
    return char;
  });

/** All tags in order, and the texts between them. @throws {Error} for a `<` that begins no tag */
export function parsePage(page: string): { tags: Tag[]; texts: string[] } {
  const tags = [...page.matchAll(TAG)].map(([, end, name, attributes]) => ({
    name: name ?? 'doctype',
    isEnd: end === '/',
    attributes: new Map(
      [...(attributes ?? '').matchAll(ATTRIBUTE)].map(([, key, value]) => [
        key ?? '',
        decodeReferences(value ?? ''),
      ]),
    ),
  }));
  const texts = page.replaceAll(TAG, '\u0000').split('\u0000');
  const stray = texts.find((text) => text.includes('<'));
  if (stray) throw new Error(`a < that begins no tag: ${stray.slice(0, 80)}`);
  return { tags, texts: texts.map((text) => (text.startsWith('{') ? text : decodeReferences(text))) };
}

/** The page's text, with white space collapsed. */
export const textOf = (page: string): string => parsePage(page).texts.join('').replaceAll(/\s+/g, ' ');

/** Addresses of everything that the page links to or loads. */
export const linksOf = (page: string): string[] =>
  parsePage(page).tags.flatMap(({ attributes }) => attributes.get('href') ?? attributes.get('src') ?? []);
