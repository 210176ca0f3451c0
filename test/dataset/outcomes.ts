// What a read gives: all its rows, or an error of a kind.
import assert from 'node:assert/strict';
import type { DatasetErrorKind } from '../../lib/dataset/reader.ts';

export async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const row of rows) collected.push(row);
  return collected;
}

/** Asserts that work fails with an error of the reader of this kind. */
export const fails = (work: Promise<unknown>, kind: DatasetErrorKind, message: RegExp): Promise<void> =>
  assert.rejects(work, { name: 'DatasetError', kind, message });
