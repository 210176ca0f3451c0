// Checks published JSON against its JSON Schema (`docs/schemas/`): all keys, their types, and no unknown key. The
// readers in `lib/release` check only the keys that they use, so that they can read files of newer versions.
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
  | 'refresh'
  | 'diff'
  | 'history';

/** The schema of each JSON file at the root of the prefix. */
export const ROOT_SCHEMAS = { [LATEST]: 'latest', [RELEASES]: 'releases', [STATUS]: 'status' } as const;

/** The schema of each JSON file of a release. */
export const RELEASE_SCHEMAS = new Map<string, SchemaName>([
  [CLAIM, 'claim'],
  [MANIFEST, 'manifest'],
  ['quality.json', 'quality'],
  [CHANGES, 'changes'],
  ['schema.json', 'schema'],
  [WITHDRAWN, 'withdrawn'],
]);

const FOLDER = new URL('../../docs/schemas/', import.meta.url);

/** Problems reported for one file. */
const MAX_SHOWN_ERRORS = 5;

const readSchema = (name: string): object =>
  JSON.parse(readFileSync(new URL(`${name}.schema.json`, FOLDER), 'utf8'));

let ajv: Ajv2020 | undefined;

/** The validator of a schema, compiled at its first use. */
function getValidator(name: SchemaName): ValidateFunction {
  ajv ??= new Ajv2020({ allErrors: true, allowUnionTypes: true }).addSchema(readSchema('definitions'));
  return ajv.getSchema(`${name}.schema.json`) ?? ajv.compile(readSchema(name));
}

export interface SchemaOptions {
  /** For files of a newer version, which may have more keys. */
  readonly allowUnknownKeys?: boolean;
  /** For files of an older version, which may have fewer keys. */
  readonly allowMissingKeys?: boolean;
}

/** Lists the differences of a value from its schema, each with its path. Empty if there are none. */
export function findSchemaProblems(
  name: SchemaName,
  value: unknown,
  { allowUnknownKeys = false, allowMissingKeys = false }: SchemaOptions = {},
): string[] {
  const check = getValidator(name);
  if (check(value)) return [];
  const errors = (check.errors ?? []).filter(
    ({ keyword, params }) =>
      // For a nullable value, ajv also reports that it is not null. The other error says more.
      !(keyword === 'anyOf' || (keyword === 'type' && params.type === 'null')) &&
      !(allowUnknownKeys && keyword === 'additionalProperties') &&
      !(allowMissingKeys && keyword === 'required'),
  );
  const messages = errors.slice(0, MAX_SHOWN_ERRORS).map(describeError);
  return errors.length > MAX_SHOWN_ERRORS
    ? [...messages, `and ${errors.length - MAX_SHOWN_ERRORS} more`]
    : messages;
}

/** Like `findSchemaProblems`, for the bytes of a file. */
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
