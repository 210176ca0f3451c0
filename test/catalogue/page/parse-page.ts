// A page taken apart by the rules of HTML that matter here, by code that knows nothing of how it was put together.

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

/** Text as a browser reads it; throws at a character reference that the page has no business to use. */
export const unescaped = (text: string): string =>
  text.replaceAll(/&([^;]*);?/g, (whole, name: string) => {
    const char = NAMED[name];
    if (char === undefined || !whole.endsWith(';')) throw new Error(`${whole} is no reference of ours`);
    return char;
  });

/** All tags in order, and the texts between them; a `<` that begins no tag is a mistake. */
export function takenApart(page: string): { tags: Tag[]; texts: string[] } {
  const tags = [...page.matchAll(TAG)].map(([, end, name, attributes]) => ({
    name: name ?? 'doctype',
    isEnd: end === '/',
    attributes: new Map(
      [...(attributes ?? '').matchAll(ATTRIBUTE)].map(([, key, value]) => [
        key ?? '',
        unescaped(value ?? ''),
      ]),
    ),
  }));
  const texts = page.replaceAll(TAG, '\u0000').split('\u0000');
  const stray = texts.find((text) => text.includes('<'));
  if (stray) throw new Error(`a < that begins no tag: ${stray.slice(0, 80)}`);
  return { tags, texts: texts.map((text) => (text.startsWith('{') ? text : unescaped(text))) };
}

/** The page's text as one reads it. */
export const textOf = (page: string): string => takenApart(page).texts.join('').replaceAll(/\s+/g, ' ');

/** What the page links to or loads. */
export const linksOf = (page: string): string[] =>
  takenApart(page).tags.flatMap(({ attributes }) => attributes.get('href') ?? attributes.get('src') ?? []);
