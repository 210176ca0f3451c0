// What is published, held against its JSON Schema (`docs/schemas/`): every key, its type, and none that is unknown.

// `manifest.ts` and `ledger.ts` ask only for what this program reads, so that it can read what a newer one adds.
import { readFileSync } from 'node:fs';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { parseJson } from '../release/digest.ts';
import { CHANGES, CLAIM, LATEST, MANIFEST, RELEASES, STATUS, WITHDRAWN } from '../release/layout.ts';

/** The schemas of `docs/schemas/`, by name. */
export type ShapeName =
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
export const ROOT_SHAPES = { [LATEST]: 'latest', [RELEASES]: 'releases', [STATUS]: 'status' } as const;

/** Which files of a release have which shape. */
export const RELEASE_SHAPES = new Map<string, ShapeName>([
  [CLAIM, 'claim'],
  [MANIFEST, 'manifest'],
  ['quality.json', 'quality'],
  [CHANGES, 'changes'],
  ['schema.json', 'schema'],
  [WITHDRAWN, 'withdrawn'],
]);

const FOLDER = new URL('../../docs/schemas/', import.meta.url);

/** How many problems of one file are told. */
const TOLD = 5;

const readSchema = (name: string): object =>
  JSON.parse(readFileSync(new URL(`${name}.schema.json`, FOLDER), 'utf8'));

let ajv: Ajv2020 | undefined;

/** The check of a shape, made when it is first needed. */
function checkOf(name: ShapeName): ValidateFunction {
  ajv ??= new Ajv2020({ allErrors: true, allowUnionTypes: true }).addSchema(readSchema('definitions'));
  return ajv.getSchema(`${name}.schema.json`) ?? ajv.compile(readSchema(name));
}

export interface ShapeOptions {
  /** The file is of a newer version, in which a key more is no mistake. */
  readonly newer?: boolean;
  /** The file is of an older version, in which a key less is no mistake. */
  readonly older?: boolean;
}

/** What is wrong with a value's shape, each with its place in it; nothing if it is as its schema says. */
export function shapeProblems(
  name: ShapeName,
  value: unknown,
  { newer = false, older = false }: ShapeOptions = {},
): string[] {
  const check = checkOf(name);
  if (check(value)) return [];
  const errors = (check.errors ?? []).filter(
    ({ keyword, params }) =>
      // That a value is not null either says nothing beside what is wrong with it.
      !(keyword === 'anyOf' || (keyword === 'type' && params.type === 'null')) &&
      !(newer && keyword === 'additionalProperties') &&
      !(older && keyword === 'required'),
  );
  const told = errors.slice(0, TOLD).map(inWords);
  return errors.length > TOLD ? [...told, `and ${errors.length - TOLD} more`] : told;
}

/** The same of a file's bytes. */
export function fileShapeProblems(name: ShapeName, body: Uint8Array, options?: ShapeOptions): string[] {
  try {
    return shapeProblems(name, parseJson(body), options);
  } catch (error) {
    return [`not JSON: ${(error as Error).message}`];
  }
}

function inWords({ instancePath, message, params, keyword }: ErrorObject): string {
  const place = instancePath.slice(1).replaceAll('/', '.') || 'the whole';
  const key = keyword === 'additionalProperties' ? ` (${JSON.stringify(params.additionalProperty)})` : '';
  const allowed = keyword === 'enum' ? ` (${params.allowedValues.join(', ')})` : '';
  return `${place}: ${message}${key}${allowed}`;
}
