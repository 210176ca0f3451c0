// Athena's DDL is HiveQL; its queries and views are Trino SQL. So DDL statements are parsed with Hive's own grammar, which Trino's
// Hive plug-in contains, and converted into statements of Trino. Rules that only Athena has are checked here.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { HIVE_PLUGIN, JAVA } from './start-trino.ts';

/** A node of Hive's syntax tree: its token, then its children. */
type Tree = [token: string | null, ...children: Tree[]];

export interface HiveTable {
  readonly database: string;
  readonly table: string;
  readonly location: string;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly comment: string }[];
}

/** Splits a file at every `;` and removes comment lines. */
export const statementsOf = (sql: string): string[] =>
  sql
    .split(';')
    .map((part) => part.replaceAll(/^--.*\n/gm, '').trim())
    .filter((part) => part !== '');

export const isDdl = (statement: string): boolean => /^CREATE (DATABASE|EXTERNAL TABLE)\b/.test(statement);

/** Parses statements into Hive's syntax trees. @throws {Error} with the first statement that the grammar refuses */
export function parseHive(statements: readonly string[]): Tree[] {
  const args = [
    '-XX:TieredStopAtLevel=1',
    '-cp',
    `${HIVE_PLUGIN}/*`,
    join(import.meta.dirname, 'HiveDdl.java'),
  ];
  const { status, stdout, stderr } = spawnSync(JAVA, args, {
    input: statements.join('\0'),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Hive's grammar did not run: ${stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map((line, at) => {
      const { tree, error } = JSON.parse(line) as { tree?: Tree; error?: string };
      if (!tree) throw new Error(`Hive's grammar refuses: ${error}\n${statements[at]}`);
      return tree[0] ? tree : (tree[1] as Tree);
    });
}

const child = (tree: Tree | undefined, token: string): Tree | undefined =>
  (tree?.slice(1) as Tree[] | undefined)?.find(([name]) => name === token);

const wordAt = (tree: Tree | undefined, ...path: number[]): string =>
  path.reduce<Tree | undefined>((at, index) => at?.[index] as Tree | undefined, tree)?.[0] ?? '';

/** Hive: a backslash in a literal escapes the next character. */
const textOf = (literal: string): string => literal.slice(1, -1).replaceAll(/\\(.)/g, '$1');

/** Database name of a `CREATE DATABASE`. */
export const databaseOf = (tree: Tree): string => wordAt(tree, 1);

const TYPES: Readonly<Record<string, string>> = {
  TOK_INT: 'integer',
  TOK_BIGINT: 'bigint',
  TOK_STRING: 'varchar',
  TOK_DATE: 'date',
  TOK_BOOLEAN: 'boolean',
};

/** Name, location and columns of a `CREATE EXTERNAL TABLE`. */
export function tableOf(tree: Tree): HiveTable {
  const columns = (child(tree, 'TOK_TABCOLLIST')?.slice(1) ?? []) as Tree[];
  return {
    database: wordAt(tree, 1, 1),
    table: wordAt(tree, 1, 2),
    location: textOf(wordAt(child(tree, 'TOK_TABLELOCATION'), 1)),
    columns: columns.map((column) => ({
      name: wordAt(column, 1),
      type: TYPES[wordAt(column, 2)] ?? wordAt(column, 2),
      comment: textOf(wordAt(column, 3)),
    })),
  };
}

/** Violations of rules in Athena's documentation that the grammar does not have, in words. */
export function faultsOf(tree: Tree, statement: string): string[] {
  const { table, location, columns } = tableOf(tree);
  const faults = columns.flatMap(({ name, comment }) => [
    ...(statement.includes(`\`${name}\``) && name === name.toLowerCase()
      ? []
      : [`${name} is not in backticks`]),
    ...(comment.length > 255 || comment === ''
      ? [`the comment of ${name} has ${comment.length} characters`]
      : []),
  ]);
  if (!child(tree, 'EXTERNAL')) faults.push('it is not external');
  if (wordAt(child(tree, 'TOK_FILEFORMAT_GENERIC'), 1).toUpperCase() !== 'PARQUET')
    faults.push('not Parquet');
  if (!/^s3:\/\/[^/*?[\]]+\/([^*?[\]]+\/)?$/.test(location)) faults.push(`LOCATION ${location}`);
  return faults.map((fault) => `${table}: ${fault}`);
}

/** The same table as a statement of Trino, with another location. */
export function trinoTable({ database, table, columns }: HiveTable, location: string): string {
  const lines = columns.map(({ name, type }) => `"${name}" ${type}`).join(', ');
  return `CREATE TABLE hive."${database}"."${table}" (${lines}) WITH (format = 'PARQUET', external_location = '${location}')`;
}
