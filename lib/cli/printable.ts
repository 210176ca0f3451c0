// Escapes control characters in texts of the API and of manifests: they must not start a new line or move the cursor.

// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters must not reach a terminal.
const CONTROLS = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/g;

/** Escapes control characters and line ends, such as `\u001b`. */
export const printable = (text: string): string =>
  text.replaceAll(CONTROLS, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
