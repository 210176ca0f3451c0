// Compares pushed-down predicates with whole scans. A pushed-down predicate uses statistics, dictionaries and page indexes; count_if
// over a whole scan does not. Each column's minimum, maximum, one other value and null are counted in both ways.
import type { Trino } from './start-trino.ts';

/** Counts in both ways. Returns the differences in words, and the number of predicates. */
export async function comparePredicates(
  trino: Trino,
  table: string,
  columns: readonly { readonly name: string; readonly type: string }[],
): Promise<{ compared: number; differences: string[] }> {
  const samples = columns.flatMap(({ name }) => [
    `CAST(min("${name}") AS varchar)`,
    `CAST(max("${name}") AS varchar)`,
    `CAST(min_by("${name}", xxhash64(to_utf8(CAST("${name}" AS varchar)))) FILTER (WHERE "${name}" IS NOT NULL) AS varchar)`,
  ]);
  const [values = []] = (await trino.ask(`SELECT ${samples.join(', ')} FROM ${table}`)).rows;
  const predicates = columns.flatMap(({ name, type }, at) => [
    `"${name}" IS NULL`,
    ...[...new Set(values.slice(at * 3, at * 3 + 3))]
      .filter((value) => value !== null)
      .map((value) => `"${name}" = CAST('${String(value).replaceAll("'", "''")}' AS ${type})`),
  ]);
  const counts = predicates.map((predicate) => `count_if(${predicate})`).join(', ');
  const [whole = []] = (await trino.ask(`SELECT ${counts} FROM ${table}`)).rows;
  const differences: string[] = [];
  let next = 0;
  const compare = async (): Promise<void> => {
    for (let at = next++; at < predicates.length; at = next++) {
      const { rows } = await trino.ask(`SELECT count(*) FROM ${table} WHERE ${predicates[at]}`);
      if (rows[0]?.[0] !== whole[at])
        differences.push(`${table} WHERE ${predicates[at]}: ${rows[0]?.[0]}, a whole scan has ${whole[at]}`);
    }
  };
  await Promise.all([compare(), compare(), compare(), compare()]);
  return { compared: predicates.length, differences };
}
