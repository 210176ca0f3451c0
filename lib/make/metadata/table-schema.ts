// `schemas/<table>.json`: the Table Schema of each table. The resources of `datapackage.json` refer to it by its path.
import type { ColumnSchema, ColumnType } from '../../table/definitions.ts';
import type { TableSchema } from '../../table/schema.ts';

/** The descriptor of a table's columns. `hxl` is our own property. */
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
 * Table Schema: `missingValues` cannot tell an empty field from `""`. So an empty text in a nullable column is read as
 * null. In a text column that is not nullable, no text is read as null.
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
