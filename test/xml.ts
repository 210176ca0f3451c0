// A strict parser for the XML of a feed or of a part of a workbook: elements, attributes in double quotes, text, the five
// named entities and numeric ones. It shares no code with the writers. It rejects everything in these that is not
// well-formed by XML 1.0.

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  /** Its own text, without that of its children. */
  readonly text: string;
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const DECLARATION = '<?xml version="1.0" encoding="utf-8"?>';

/** XML 1.0, production 2: Char. */
function isChar(code: number): boolean {
  return (
    [0x9, 0xa, 0xd].includes(code) ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  );
}

/** Parses a whole document. @throws {SyntaxError} at the first position that is not well-formed */
export function parseXml(bytes: Uint8Array): Element {
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  for (const char of text)
    if (!isChar(char.codePointAt(0) ?? 0)) throw new SyntaxError('forbidden character');
  if (!text.startsWith(DECLARATION)) throw new SyntaxError('no declaration');
  const reader = { text, at: DECLARATION.length };
  take(reader, /\s*/y);
  const root = element(reader);
  take(reader, /\s*/y);
  if (reader.at !== text.length) throw new SyntaxError(`something after the root at ${reader.at}`);
  return root;
}

interface Reader {
  readonly text: string;
  at: number;
}

function take(reader: Reader, pattern: RegExp): string[] {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text);
  if (!found) throw new SyntaxError(`expected ${pattern} at ${reader.at}`);
  reader.at = pattern.lastIndex;
  return found;
}

function element(reader: Reader): Element {
  const [, name = ''] = take(reader, /<([a-z][\w:]*)/iy);
  const attributes: Record<string, string> = {};
  while (/\s/.test(reader.text[reader.at] ?? '')) {
    const [, key = '', value = ''] = take(reader, /\s+([a-z][\w:]*)="([^"<]*)"/iy);
    if (Object.hasOwn(attributes, key)) throw new SyntaxError(`${key} twice in ${name}`);
    attributes[key] = decode(value.replaceAll(/[\t\n]/g, ' '));
  }
  if (take(reader, /\/?>/y)[0] === '/>') return { name, attributes, children: [], text: '' };
  const children: Element[] = [];
  let text = '';
  for (;;) {
    text += decode(take(reader, /[^<]*/y)[0] as string);
    if (reader.text.startsWith('</', reader.at)) break;
    children.push(element(reader));
  }
  if (take(reader, /<\/([a-z][\w:]*)>/iy)[1] !== name) throw new SyntaxError(`${name} is not closed`);
  return { name, attributes, children, text };
}

/** Resolves references and normalises line ends as XML 1.0 says. `]]>` is not allowed in text. */
function decode(raw: string): string {
  if (raw.includes(']]>')) throw new SyntaxError(']]> in text');
  return raw.replaceAll(/\r\n?/g, '\n').replaceAll(/&(#?)(\w*)(;?)/g, (_, number, name, end) => {
    if (end !== ';') throw new SyntaxError('& alone');
    const char = number ? numbered(name) : NAMED[name];
    if (char === undefined) throw new SyntaxError(`unknown entity ${name}`);
    return char;
  });
}

function numbered(name: string): string {
  const code = /^\d+$/.test(name) ? Number(name) : Number(`0${name}`);
  if (!isChar(code)) throw new SyntaxError(`reference to a forbidden character ${name}`);
  return String.fromCodePoint(code);
}
