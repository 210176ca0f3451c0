// The schemas of `manifest.json`, `claim.json` and `latest.json`, and their readers. They are a contract: a new key is a
// minor change, any other change is major.
import {
  array,
  boolean,
  define,
  enums,
  type Infer,
  integer,
  literal,
  nullable,
  object,
  optional,
  record,
  type Struct,
  StructError,
  string,
  type,
} from 'superstruct';
import { FORMAT_VERSION } from '../format/version.ts';
import { SCHEMA_VERSION } from '../table/schema.ts';
import { parseJson } from './digest.ts';

/** Statuses of a unit (one admin level of one country) in a release. */
export const UNIT_STATUSES = ['ok', 'empty', 'failed', 'carried', 'kept', 'absent'] as const;

const unit = type({
  level: enums([0, 1, 2]),
  country: string(),
  status: enums(UNIT_STATUSES),
  rows: integer(),
  fetched_at: nullable(string()),
  raw_sha256: nullable(string()),
  raw_bytes: nullable(integer()),
  reason: nullable(string()),
  from: nullable(string()),
  asked_on: optional(nullable(string())),
});

const file = type({
  path: string(),
  table: nullable(string()),
  country: nullable(string()),
  format: enums(['parquet', 'csv', 'xlsx', 'json', 'text']),
  rows: nullable(integer()),
  bytes: integer(),
  sha256: string(),
});

const table = type({
  name: string(),
  rows: integer(),
  columns: array(type({ name: string(), type: string(), nullable: boolean() })),
});

/** Rows of all level tables that differ from the release before, and the countries of these rows. */
export const changeCounts = type({
  added: integer(),
  removed: integer(),
  changed: integer(),
  relabelled: integer(),
  countries: array(string()),
});
type Changes = Infer<typeof changeCounts>;

/** Changed rows without the countries, as in an event and in the outcome of a run. */
export type RowCounts = Readonly<Omit<Changes, 'countries'>>;

export const rowCounts = ({ countries: _, ...counts }: Changes): RowCounts => counts;

/** `reading` says how answers became rows. Null: in several ways. Releases of versions up to 0.2 do not have it. */
const generator = type({ name: string(), version: string(), reading: optional(nullable(string())) });

const manifest = type({
  manifest_version: literal(1),
  dataset: string(),
  api_version: enums(['v3', 'v2']),
  synthetic: boolean(),
  visibility: enums(['private', 'public']),
  release: string(),
  run: string(),
  status: literal('complete'),
  created_at: string(),
  supersedes: nullable(string()),
  schema_version: string(),
  schema_sha256: string(),
  format_version: integer(),
  content_sha256: record(string(), string()),
  source: object({
    url: string(),
    requested_from: nullable(string()),
    requested_to: nullable(string()),
  }),
  coverage: type({ units: array(unit) }),
  tables: array(table),
  files: array(file),
  changes: nullable(changeCounts),
  quality: type({ passed: integer(), failed: array(string()) }),
  licence: string(),
  credit: string(),
  citation: string(),
  contact: nullable(string()),
  generator,
});

export type Manifest = Infer<typeof manifest>;
export type ManifestUnit = Infer<typeof unit>;
export type ManifestFile = Infer<typeof file>;
export type UnitStatus = ManifestUnit['status'];

/** What is needed of a manifest to read rows of its release. */
export type ManifestPart = Pick<Manifest, 'release' | 'tables' | 'files'>;

const claim = object({
  run: string(),
  created_at: string(),
  supersedes: nullable(string()),
  generator,
});

/** Which run makes a release, and which release it will supersede. The claim is the first object in the folder. */
export type Claim = Infer<typeof claim>;

/** The claim of a release, taken from its manifest, which holds the same values. */
export const claimOf = ({ run, created_at, supersedes, generator }: Manifest): Claim => ({
  run,
  created_at,
  supersedes,
  generator,
});

const pointer = type({
  release: nullable(string()),
  manifest: nullable(string()),
  manifest_sha256: nullable(string()),
  published_at: string(),
  schema_version: string(),
  rows: record(string(), integer()),
});

/** `latest.json`: the current release. `release` and `manifest` are null if the only release was withdrawn. */
export type Pointer = Infer<typeof pointer>;

/** A published file is missing, or its content is not the expected one: no JSON, a wrong schema, another hash. */
export class DamagedFileError extends Error {
  override readonly name = 'DamagedFileError';
  readonly key: string;
  constructor(key: string, what: string) {
    super(`${key} is damaged: ${what}`);
    this.key = key;
  }
}

/** Resolves to null if the file is damaged. Other errors, such as those of a store, are thrown. */
export async function nullIfDamaged<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof DamagedFileError) return null;
    throw error;
  }
}

/** Parses a JSON file and checks it against `struct`. @throws {DamagedFileError} with the file and the path in it */
export function parseStruct<T>(key: string, bytes: Uint8Array, struct: Struct<T>): T {
  try {
    const value = parseJson(bytes);
    struct.assert(value);
    return value;
  } catch (error) {
    const position = error instanceof StructError && error.path.length > 0 ? `${error.path.join('.')}: ` : '';
    throw new DamagedFileError(key, position + (error as Error).message);
  }
}

export const readManifest = (key: string, bytes: Uint8Array): Manifest => parseStruct(key, bytes, manifest);

/** Checks only what the file at `path` needs: the check of a whole manifest takes ten times as long. @throws {DamagedFileError} */
export function readManifestPart(key: string, bytes: Uint8Array, path: string): ManifestPart {
  const files = define<ManifestFile[]>(
    'files',
    (value) => Array.isArray(value) && value.every((entry) => entry?.path !== path || file.is(entry)),
  );
  return parseStruct(key, bytes, type({ release: string(), tables: array(table), files }));
}
export const readClaim = (key: string, bytes: Uint8Array): Claim => parseStruct(key, bytes, claim);
export const readPointer = (key: string, bytes: Uint8Array): Pointer => parseStruct(key, bytes, pointer);

/** True if a newer program made it. Such a file may have more keys: a new key is a minor change of the schema. */
export function hasNewerSchema({ schema_version }: Pick<Manifest, 'schema_version'>): boolean {
  return schema_version.localeCompare(SCHEMA_VERSION, 'en', { numeric: true }) > 0;
}

/** True if an older program wrote it. Such a file may lack keys. */
export const hasOlderFormat = ({ format_version }: Pick<Manifest, 'format_version'>): boolean =>
  format_version < FORMAT_VERSION;

/** True if the schema has our major version. Contract: rows of another major are not kept, carried or compared. */
export function isSameMajor({ schema_version }: Pick<Manifest, 'schema_version'>): boolean {
  const major = (version: string) => version.split('.')[0];
  return major(schema_version) === major(SCHEMA_VERSION);
}
