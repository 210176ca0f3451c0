// Derives the columns of a view and their types from its query, so that they are defined once. It understands only the
// SQL of our own views. A test compares the result with a database for every view.
import type { ColumnType } from '../table/definitions.ts';
import type { TableName, TableSchema } from '../table/schema.ts';

export interface TypedColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** Patterns of expressions with a fixed type. Any other expression has the type of the column in it. */
const TYPES: readonly (readonly [RegExp, ColumnType])[] = [
  [/^count\(|^date_diff\(|^CASE WHEN .* AS bigint\)|^"idps" - /, 'int64'],
  [/^bool_and\(| > /, 'boolean'],
];

const ALIAS = / AS "([^"]+)"$/;

/** The columns of a view over tables of these schemas. @throws {TypeError} if the query is not understood */
export function viewColumns(query: string, schemas: Record<TableName, TableSchema>): TypedColumn[] {
  const columns = Object.values(schemas).flatMap((schema) => schema.columns);
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const selected = findSelectLists(query);
  const named = new Map(
    selected.flat().flatMap((item) => {
      const name = ALIAS.exec(item)?.[1];
      return name === undefined ? [] : [[name, item] as const];
    }),
  );
  const typeOf = (item: string): ColumnType => {
    const expression = item.replace(ALIAS, '');
    const fixedType = TYPES.find(([pattern]) => pattern.test(expression))?.[1];
    const inner = lastName(expression);
    const type = fixedType ?? types.get(inner);
    if (type) return type;
    const definition = named.get(inner);
    if (definition === undefined || definition === item)
      throw new TypeError(`a view's column is of no known type: ${item}`);
    return typeOf(definition);
  };
  return (selected.at(-1) ?? []).map((item) => ({ name: lastName(item), type: typeOf(item) }));
}

const lastName = (item: string): string => /"([^"]+)"\)?$/.exec(item)?.[1] ?? item;

/** The expressions of each SELECT; the outermost SELECT is last. */
function findSelectLists(query: string): string[][] {
  const starts = [...query.matchAll(/SELECT\s/g)].map(({ index }) => index + 'SELECT '.length);
  const isOuter = (start: number): boolean => depthAt(query, start) === 0;
  return [...starts.filter((start) => !isOuter(start)), ...starts.filter(isOuter)].map((start) =>
    splitExpressions(query.slice(start)),
  );
}

/** The number of parentheses that are open at `end`. */
function depthAt(text: string, end: number): number {
  let depth = 0;
  for (const mark of text.slice(0, end)) depth += mark === '(' ? 1 : mark === ')' ? -1 : 0;
  return depth;
}

/** The expressions between a SELECT and its FROM. */
function splitExpressions(text: string): string[] {
  const expressions: string[] = [];
  let [depth, from] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const mark = text[at];
    depth += mark === '(' ? 1 : mark === ')' ? -1 : 0;
    const isEnd = depth < 0 || (depth === 0 && /^\s+FROM\s/.test(text.slice(at, at + 8)));
    if (!isEnd && !(depth === 0 && mark === ',')) continue;
    expressions.push(text.slice(from, at).trim());
    from = at + 1;
    if (isEnd) break;
  }
  return expressions;
}
