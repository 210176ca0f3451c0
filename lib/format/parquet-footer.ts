// Reads the footer of a Parquet file with parquetjs-lite: another library than the writer's, so that an error of the
// writer is found. It reads footers only, because parquetjs-lite decodes wide dictionary pages wrongly.
import lite from 'parquetjs-lite';
import type { ColumnType } from '../table/definitions.ts';

/** A column as the footer describes it. `min` and `max` are as in `ColumnStatistics`, null if there is no value. */
export interface FooterColumn {
  readonly name: string;
  readonly type: ColumnType | string;
  readonly nullable: boolean;
  readonly nulls: number;
  readonly min: string | number | boolean | null;
  readonly max: string | number | boolean | null;
}

export interface Footer {
  readonly rows: number;
  readonly createdBy: string;
  readonly keyValues: Readonly<Record<string, string>>;
  readonly columns: readonly FooterColumn[];
}

/** Parquet spec: physical types BOOLEAN 0, INT32 1, INT64 2, BYTE_ARRAY 6; converted types UTF8 0, DATE 6. */
const TYPES: Readonly<Record<string, ColumnType>> = {
  '0:null': 'boolean',
  '1:null': 'int32',
  '2:null': 'int64',
  '1:6': 'date',
  '6:0': 'string',
};
const OPTIONAL = 1;
const MS_PER_DAY = 86_400_000;

/** Reads the footer of a Parquet file. @throws {Error} if the bytes are no Parquet file */
export async function readFooter(bytes: Uint8Array): Promise<Footer> {
  const reader = await lite.ParquetReader.openBuffer(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  );
  const { created_by: createdBy, num_rows, schema, row_groups: groups } = reader.metadata;
  const columns = schema.slice(1).map((element, at) => {
    const type =
      TYPES[`${element.type}:${element.converted_type}`] ?? `type ${element.type}:${element.converted_type}`;
    const statistics = groups.map((group) => statisticsOf(group, at, type));
    return {
      name: element.name,
      type,
      nullable: element.repetition_type === OPTIONAL,
      nulls: statistics.reduce((sum, { nulls }) => sum + nulls, 0),
      min: minOrMax(
        statistics.map(({ min }) => min),
        -1,
      ),
      max: minOrMax(
        statistics.map(({ max }) => max),
        1,
      ),
    };
  });
  return { rows: Number(num_rows), createdBy, keyValues: reader.getMetadata(), columns };
}

type PlainValue = string | number | boolean | null;

type RowGroup = Awaited<ReturnType<typeof lite.ParquetReader.openBuffer>>['metadata']['row_groups'][number];

/**
 * A row group's statistics of a column. parquetjs-lite drops an empty text as a statistic; this function restores it.
 */
function statisticsOf(
  group: RowGroup,
  at: number,
  type: string,
): { nulls: number; min: PlainValue; max: PlainValue } {
  const found = group.columns[at]?.meta_data.statistics ?? null;
  const nulls = Number(found?.null_count ?? Number.NaN);
  const emptyText = found && type === 'string' && nulls < Number(group.num_rows) ? '' : null;
  return {
    nulls,
    min: toPlainValue(found?.min_value) ?? emptyText,
    max: toPlainValue(found?.max_value) ?? emptyText,
  };
}

function toPlainValue(value: unknown): PlainValue {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.getTime() / MS_PER_DAY;
  return typeof value === 'bigint' ? Number(value) : (value as PlainValue);
}

/** The smallest (`side` -1) or greatest (`side` 1) value; null counts as none. Strings are compared by UTF-8 bytes. */
export function minOrMax(values: readonly PlainValue[], side: -1 | 1): PlainValue {
  return values.reduce((best, value) => {
    if (value === null || best === null) return best ?? value;
    return Math.sign(compareValues(value, best)) === side ? value : best;
  }, null);
}

/** Compares two values of one column: strings by their UTF-8 bytes, false before true. */
export function compareValues(a: string | number | boolean, b: string | number | boolean): number {
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  return Number(a) - Number(b);
}

/** Describes a column in one line, to compare the schema with a footer. */
export const describeColumn = ({
  name,
  type,
  nullable,
}: Pick<FooterColumn, 'name' | 'type' | 'nullable'>): string =>
  `${name} ${type}${nullable ? '' : ' not null'}`;
