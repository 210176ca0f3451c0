// Spark knows nothing of Arrow's schema in a Parquet footer: it looks for its own, and shows the comments in it.
import type { ColumnSchema, ColumnType } from '../table/definitions.ts';

/** The footer's key under which Spark keeps a table's schema (ParquetReadSupport.SPARK_METADATA_KEY). */
export const SPARK_KEY = 'org.apache.spark.sql.parquet.row.metadata';

/** Spark: names of types in a schema's JSON. */
const TYPES: Record<ColumnType, string> = {
  string: 'string',
  int32: 'integer',
  int64: 'long',
  date: 'date',
  boolean: 'boolean',
};

/** A table's schema as Spark writes it (StructType.json), each column's description as its comment. */
export const sparkSchema = (schema: readonly ColumnSchema[]): string =>
  JSON.stringify({
    type: 'struct',
    fields: schema.map(({ name, type, description }) => ({
      name,
      type: TYPES[type],
      // Spark takes every column that it reads from files for nullable.
      nullable: true,
      metadata: { comment: description },
    })),
  });
