// The rows of Parquet files that match conditions, one row group in memory at a time. A row group whose statistics exclude
// a match is skipped; in the others the columns of the conditions are read first, and the rest only if a row matches.
import type { ParquetFile, PlainRow, RowGroup, Value } from './open.ts';
import type { Matcher } from './where.ts';

export interface RowRequest {
  /** The columns of the rows, in this order. */
  readonly columns: readonly string[];
  readonly matchers: readonly Matcher[];
  /** Rows at most. */
  readonly limit: number;
}

/** Reads rows in the order of the file; each list has those of one row group. */
export async function* readRows(
  file: ParquetFile,
  request: RowRequest,
): AsyncGenerator<readonly PlainRow[], void> {
  let left = request.limit;
  for (const group of file.groups) {
    if (left <= 0) return;
    if (!request.matchers.every(({ column, mayMatch }) => mayMatch(group.range(column)))) continue;
    const rows = await readMatches(file, group, { ...request, limit: left });
    left -= rows.length;
    if (rows.length > 0) yield rows;
  }
}

/** The first `limit` matching rows of a row group. */
async function readMatches(
  file: ParquetFile,
  group: RowGroup,
  { columns, matchers, limit }: RowRequest,
): Promise<PlainRow[]> {
  if (matchers.length === 0) {
    const read = await file.readGroup(group, columns, Math.min(limit, group.rows));
    const isInOrder = Object.keys(read[0] ?? {}).every((name, at) => name === columns[at]);
    return isInOrder ? read : read.map((row) => pick(columns, row));
  }
  const tested = [...new Set(matchers.map(({ column }) => column))];
  const values = await file.readGroup(group, tested);
  const hits: number[] = [];
  for (const [at, row] of values.entries()) {
    if (hits.length >= limit) break;
    if (matchers.every(({ column, matches }) => matches(row[column] as Value))) hits.push(at);
  }
  const last = hits.at(-1);
  if (last === undefined) return [];
  const others = columns.filter((name) => !tested.includes(name));
  const rest = others.length > 0 ? await file.readGroup(group, others, last + 1) : [];
  return hits.map((at) => pick(columns, { ...values[at], ...rest[at] }));
}

/** A row with these columns in this order. */
function pick(columns: readonly string[], row: PlainRow): PlainRow {
  const picked: PlainRow = {};
  for (const name of columns) picked[name] = row[name] as Value;
  return picked;
}
