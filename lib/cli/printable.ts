// What the API or a manifest says is text in its line: it begins no line of its own, and moves no cursor.

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal.
const CONTROLS = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/g;

/** The text with its control characters and line ends written out, as `\u001b`. */
export const printable = (text: string): string =>
  text.replaceAll(CONTROLS, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
