// Writes Spark's own schema for a Parquet footer. Spark ignores the Arrow schema there, and shows the comments of its
// own.
import type { ColumnSchema, ColumnType } from '../table/definitions.ts';

/** The footer key of Spark's schema (ParquetReadSupport.SPARK_METADATA_KEY). */
export const SPARK_KEY = 'org.apache.spark.sql.parquet.row.metadata';

/** Spark's names of types in a schema's JSON. */
const TYPES: Record<ColumnType, string> = {
  string: 'string',
  int32: 'integer',
  int64: 'long',
  date: 'date',
  boolean: 'boolean',
};

/** A table's schema in Spark's format (StructType.json), with each column's description as its comment. */
export const sparkSchema = (schema: readonly ColumnSchema[]): string =>
  JSON.stringify({
    type: 'struct',
    fields: schema.map(({ name, type, description }) => ({
      name,
      type: TYPES[type],
      // Spark treats every column that it reads from files as nullable.
      nullable: true,
      metadata: { comment: description },
    })),
  });
