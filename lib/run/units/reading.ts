/**
 * A hash of the sources that turn an answer into rows, and rows into a table. An answer that was read by the same sources
 * is not read again. A test compares it with the sources.
 */
export const READING = '5fc07b2775be';
