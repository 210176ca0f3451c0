// Makes the table of changes of a level: one row for each added, removed or changed row, with its key and its counts
// before and after.
import { type Column, type Columns, columnOf, concat, createColumn, valueAt } from './columns.ts';
import { type Comparison, MEASURES, naturalKey } from './compare.ts';
import type { ColumnSchema } from './definitions.ts';
import type { TableSchema } from './schema.ts';

/** The columns of a level's table of changes: `change`, the key, and each measure as `old_` and `new_`. */
export function changesSchema(schema: TableSchema): ColumnSchema[] {
  const key = new Set(naturalKey(schema));
  const measures = schema.columns.filter(({ name }) => MEASURES.some((measure) => measure === name));
  return [
    {
      name: 'change',
      type: 'string',
      nullable: false,
      description: 'added, removed, or changed: the same key with other figures.',
    },
    ...schema.columns.filter(({ name }) => key.has(name)).map(({ field: _, ...column }) => column),
    ...measures.flatMap(({ name, type, description }) =>
      (['old', 'new'] as const).map((side) => ({
        name: `${side}_${name}`,
        type,
        nullable: true,
        description: `${side === 'old' ? 'Before' : 'After'}: ${description}`,
      })),
    ),
  ];
}

/** Joins the changes of several comparisons. Within a comparison they are in the order of the key. */
export function changesTable(schema: TableSchema, comparisons: readonly Comparison[]): Columns {
  const columns = changesSchema(schema);
  return concat(
    columns,
    comparisons.map((comparison) => changeColumns(columns, comparison)),
  );
}

function changeColumns(schema: readonly ColumnSchema[], { rows, changes }: Comparison): Columns {
  const column = ({ name, type }: ColumnSchema): Column => {
    if (name === 'change')
      return createColumn(
        'string',
        changes.map(({ change }) => change),
      );
    const side = name.startsWith('old_') ? 'before' : 'after';
    const source = columnOf(rows, name.replace(/^(old|new)_/, ''));
    const isMeasure = /^(old|new)_/.test(name);
    return createColumn(
      type,
      changes.map(({ before, after }) => {
        const row = isMeasure ? { before, after }[side] : (after ?? before);
        return row === null ? null : valueAt(source, row);
      }),
    );
  };
  return {
    length: changes.length,
    byName: new Map(schema.map((definition) => [definition.name, column(definition)])),
  };
}
