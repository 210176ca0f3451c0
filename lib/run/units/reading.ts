/**
 * A hash of the sources that turn an answer into rows, and rows into a table. An answer that was read by the same sources
 * is not read again. A test compares it with the sources.
 */
export const READING = '1aa22cebc889';
