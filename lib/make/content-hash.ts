// The hash of a table's content, which readers can compute too: SHA-256 of its uncompressed CSV without the column `id`,
// because the API reassigns ids.
import { createHash } from 'node:crypto';
import { csvHeader, renderCsv, withoutLastCells } from '../format/csv.ts';
import { sha256 } from '../release/digest.ts';
import type { Columns } from '../table/columns.ts';
import { TABLES, type TableName, type TableSchema } from '../table/schema.ts';

/** Hash of each table; `all` is the hash over these hashes. */
export type ContentHashes = Readonly<Record<TableName | 'all', string>>;

/** A hash to which rows are added in the order of the table. */
export interface ContentHash {
  /** Adds rows as CSV lines of all columns. */
  readonly add: (lines: Uint8Array) => void;
  /** In lower-case hexadecimal. Call it once, at the end. */
  readonly digest: () => string;
}

/** Creates the hash of a table without rows. If the table has the column `id`, it is the last one. */
export function createContentHash({ columns }: TableSchema): ContentHash {
  const stable = columns.filter(({ name }) => name !== 'id');
  const hash = createHash('sha256').update(csvHeader(stable));
  const hasId = stable.length < columns.length;
  return {
    add: (lines) =>
      hasId ? withoutLastCells(lines, (block) => hash.update(block)) : void hash.update(lines),
    digest: () => hash.digest('hex'),
  };
}

/** The content hash of a whole table. */
export function contentSha256(schema: TableSchema, rows: Columns): string {
  const hash = createContentHash(schema);
  hash.add(renderCsv(schema.columns, rows));
  return hash.digest();
}

/** Adds the hash over the hashes of all tables. */
export function withOverallHash(tables: Readonly<Record<TableName, string>>): ContentHashes {
  return { ...tables, all: sha256(TABLES.map((table) => `${tables[table]}  ${table}\n`).join('')) };
}
