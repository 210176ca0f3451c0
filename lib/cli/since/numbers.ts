// Numbers in words.

/** `1,234`. */
export const number = (value: number): string => value.toLocaleString('en');

/** `1 row`, `2 rows`; `1 country`, `2 countries`. */
export function plural(count: number, word: string): string {
  const words = word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`;
  return `${number(count)} ${count === 1 ? word : words}`;
}
