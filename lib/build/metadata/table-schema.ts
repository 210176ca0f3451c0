// `schemas/<table>.json`: Table Schema, once a table; the resources of `datapackage.json` name it by its path.
import type { ColumnSchema, ColumnType } from '../../table/definitions.ts';
import type { TableSchema } from '../../table/schema.ts';

/** The descriptor of a table's columns; `hxl` is a property of our own. */
export const tableSchema = ({ columns }: TableSchema): unknown => ({
  $schema: 'https://datapackage.org/profiles/2.0/tableschema.json',
  fields: columns.map(fieldOf),
  missingValues: [''],
});

const FIELD_TYPES: Record<ColumnType, object> = {
  string: { type: 'string' },
  int32: { type: 'integer' },
  int64: { type: 'integer' },
  date: { type: 'date' },
  boolean: { type: 'boolean', trueValues: ['true'], falseValues: ['false'] },
};

/**
 * Table Schema: `missingValues` knows no difference between nothing and `""`, so that an empty text reads as null
 * where null is possible; where it is not, no text stands for null.
 */
function fieldOf({ name, type, nullable, description, hxl }: ColumnSchema) {
  return {
    name,
    ...FIELD_TYPES[type],
    description,
    ...(hxl && { hxl }),
    ...(!nullable && { constraints: { required: true } }),
    ...(!nullable && type === 'string' && { missingValues: [] }),
  };
}
