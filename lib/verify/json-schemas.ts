// What is published, held against its JSON Schema (`docs/schemas/`): every key, its type, and none that is unknown.

// `manifest.ts` and `ledger.ts` ask only for what this program reads, so that it can read what a newer one adds.
import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { parseJson } from '../release/digest.ts';
import { CHANGES, CLAIM, LATEST, MANIFEST, RELEASES, STATUS, WITHDRAWN } from '../release/layout.ts';

/** The schemas of `docs/schemas/`, by name. */
export type SchemaName =
  | 'latest'
  | 'releases'
  | 'status'
  | 'claim'
  | 'manifest'
  | 'quality'
  | 'changes'
  | 'schema'
  | 'withdrawn'
  | 'event'
  | 'refresh';

/** Which files at the prefix's root have which shape. */
export const ROOT_SCHEMAS = { [LATEST]: 'latest', [RELEASES]: 'releases', [STATUS]: 'status' } as const;

/** Which files of a release have which shape. */
export const RELEASE_SCHEMAS = new Map<string, SchemaName>([
  [CLAIM, 'claim'],
  [MANIFEST, 'manifest'],
  ['quality.json', 'quality'],
  [CHANGES, 'changes'],
  ['schema.json', 'schema'],
  [WITHDRAWN, 'withdrawn'],
]);

const FOLDER = new URL('../../docs/schemas/', import.meta.url);

/** How many problems of one file are told. */
const MAX_SHOWN_ERRORS = 5;

const readSchema = (name: string): object =>
  JSON.parse(readFileSync(new URL(`${name}.schema.json`, FOLDER), 'utf8'));

let ajv: Ajv2020 | undefined;

/** The check of a shape, made when it is first needed. */
function getValidator(name: SchemaName): ValidateFunction {
  ajv ??= new Ajv2020({ allErrors: true, allowUnionTypes: true }).addSchema(readSchema('definitions'));
  return ajv.getSchema(`${name}.schema.json`) ?? ajv.compile(readSchema(name));
}

export interface SchemaOptions {
  /** The file is of a newer version, in which a key more is no mistake. */
  readonly allowUnknownKeys?: boolean;
  /** The file is of an older version, in which a key less is no mistake. */
  readonly allowMissingKeys?: boolean;
}

/** What is wrong with a value's shape, each with its place in it; nothing if it is as its schema says. */
export function findSchemaProblems(
  name: SchemaName,
  value: unknown,
  { allowUnknownKeys = false, allowMissingKeys = false }: SchemaOptions = {},
): string[] {
  const check = getValidator(name);
  if (check(value)) return [];
  const errors = (check.errors ?? []).filter(
    ({ keyword, params }) =>
      // That a value is not null either says nothing beside what is wrong with it.
      !(keyword === 'anyOf' || (keyword === 'type' && params.type === 'null')) &&
      !(allowUnknownKeys && keyword === 'additionalProperties') &&
      !(allowMissingKeys && keyword === 'required'),
  );
  const messages = errors.slice(0, MAX_SHOWN_ERRORS).map(describeError);
  return errors.length > MAX_SHOWN_ERRORS
    ? [...messages, `and ${errors.length - MAX_SHOWN_ERRORS} more`]
    : messages;
}

/** The same of a file's bytes. */
export function findFileSchemaProblems(
  name: SchemaName,
  body: Uint8Array,
  options?: SchemaOptions,
): string[] {
  try {
    return findSchemaProblems(name, parseJson(body), options);
  } catch (error) {
    return [`not JSON: ${(error as Error).message}`];
  }
}

function describeError({ instancePath, message, params, keyword }: ErrorObject): string {
  const position = instancePath.slice(1).replaceAll('/', '.') || 'the whole';
  const key = keyword === 'additionalProperties' ? ` (${JSON.stringify(params.additionalProperty)})` : '';
  const allowed = keyword === 'enum' ? ` (${params.allowedValues.join(', ')})` : '';
  return `${position}: ${message}${key}${allowed}`;
}
