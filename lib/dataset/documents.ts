// The JSON files of a dataset that the reader needs: their types, and the checks of what was read.
import { DatasetError, damaged } from './errors.ts';
import type { ApiVersion } from './row-types.ts';
import { byName, count, flag, list, matching, object, optional, orNull, type Shape, text } from './shape.ts';

/** `latest.json`. `release` is null if the only release was withdrawn. */
export interface Pointer {
  readonly release: string | null;
  readonly manifest_sha256: string | null;
  readonly published_at: string;
  readonly schema_version: string;
  readonly rows: Readonly<Record<string, number>>;
}

/** Rows that differ from the release before, and the countries of these rows. */
export interface ChangeCounts {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly relabelled: number;
  readonly countries: readonly string[];
}

/** A release as `releases.json` lists it. */
export interface ListedRelease {
  readonly release: string;
  readonly status: 'published' | 'withdrawn';
  readonly manifest_sha256: string;
  readonly published_at: string;
  readonly supersedes: string | null;
  readonly schema_version: string;
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** Null for the first release. */
  readonly changes: ChangeCounts | null;
  /** The time at which its data files are deleted; null while they are kept. */
  readonly expires_at: string | null;
  readonly withdrawn?: { readonly reason: string; readonly date: string } | null | undefined;
}

/** A level of a country: what came of asking for it. */
export interface ManifestUnit {
  readonly level: number;
  readonly country: string;
  /** `ok`, `empty`, `failed`, `carried`, `kept` or `absent`; later versions may add others. */
  readonly status: string;
  readonly rows: number;
  /** The time of the answer from which its rows come. */
  readonly fetched_at: string | null;
  readonly reason: string | null;
  /** The release that published these rows first. */
  readonly from: string | null;
}

/** A file of a release; `path` is relative to the release. */
export interface ManifestFile {
  readonly path: string;
  readonly table: string | null;
  readonly country: string | null;
  /** `parquet`, `csv`, `xlsx`, `json` or `text`; later versions may add others. */
  readonly format: string;
  readonly rows: number | null;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** A table of a release. */
export interface ManifestTable {
  readonly name: string;
  readonly rows: number;
  /** `type` is `string`, `int32`, `int64`, `date` or `boolean`. */
  readonly columns: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[];
}

/** `manifest.json`: what a release holds, from where, and under which terms. */
export interface Manifest {
  readonly manifest_version: number;
  readonly dataset: string;
  readonly api_version: ApiVersion;
  /** True for invented figures. */
  readonly synthetic: boolean;
  readonly visibility: 'private' | 'public';
  readonly release: string;
  readonly run: string;
  readonly created_at: string;
  readonly supersedes: string | null;
  readonly schema_version: string;
  readonly format_version: number;
  readonly content_sha256: Readonly<Record<string, string>>;
  readonly coverage: { readonly units: readonly ManifestUnit[] };
  readonly tables: readonly ManifestTable[];
  readonly files: readonly ManifestFile[];
  readonly changes: ChangeCounts | null;
  readonly quality: { readonly passed: number; readonly failed: readonly string[] };
  readonly licence: string;
  readonly credit: string;
  readonly citation: string;
  readonly contact: string | null;
  readonly generator: { readonly name: string; readonly version: string };
}

const SHA256 = matching(/^[0-9a-f]{64}$/, 'a SHA-256');
const RELEASE = matching(/^\d{4}-\d{2}-\d{2}\.[1-9]\d{0,5}$/, 'a release id');
const ROWS = byName(count);

/** A path below a release: names of letters, digits and `=._-`. No segment is `.` or `..`, so none leads out of it. */
const PATH = matching(/^(?!\.)[\w=.-]+(\/(?!\.)[\w=.-]+)*$/, 'a path below the release');

const changes = object<ChangeCounts>({
  added: count,
  removed: count,
  changed: count,
  relabelled: count,
  countries: list(text),
});

const pointer = object<Pointer>({
  release: orNull(RELEASE),
  manifest_sha256: orNull(SHA256),
  published_at: text,
  schema_version: text,
  rows: ROWS,
});

const releases = object<{ readonly releases: readonly ListedRelease[] }>({
  releases: list(
    object<ListedRelease>({
      release: RELEASE,
      status: matching<ListedRelease['status']>(/^(published|withdrawn)$/, 'published or withdrawn'),
      manifest_sha256: SHA256,
      published_at: text,
      supersedes: orNull(text),
      schema_version: text,
      rows: ROWS,
      changes: orNull(changes),
      expires_at: orNull(text),
      withdrawn: optional(orNull(object<{ reason: string; date: string }>({ reason: text, date: text }))),
    }),
  ),
});

const table = object<ManifestTable>({
  name: text,
  rows: count,
  columns: list(object<ManifestTable['columns'][number]>({ name: text, type: text, nullable: flag })),
});

const manifest = object<Manifest>({
  manifest_version: count,
  dataset: text,
  api_version: matching<ApiVersion>(/^v[23]$/, 'v2 or v3'),
  synthetic: flag,
  visibility: matching<Manifest['visibility']>(/^(private|public)$/, 'private or public'),
  release: RELEASE,
  run: text,
  created_at: text,
  supersedes: orNull(text),
  schema_version: text,
  format_version: count,
  content_sha256: byName(text),
  coverage: object<Manifest['coverage']>({
    units: list(
      object<ManifestUnit>({
        level: count,
        country: text,
        status: text,
        rows: count,
        fetched_at: orNull(text),
        reason: orNull(text),
        from: orNull(text),
      }),
    ),
  }),
  tables: list(table),
  files: list(
    object<ManifestFile>({
      path: PATH,
      table: orNull(text),
      country: orNull(text),
      format: text,
      rows: orNull(count),
      bytes: count,
      sha256: SHA256,
    }),
  ),
  changes: orNull(changes),
  quality: object<Manifest['quality']>({ passed: count, failed: list(text) }),
  licence: text,
  credit: text,
  citation: text,
  contact: orNull(text),
  generator: object<Manifest['generator']>({ name: text, version: text }),
});

/** The majors of `schema_version` and `manifest_version` that this reader knows. */
const KNOWN_MAJOR = 1;

/** @throws {DatasetError} `newer-major` if the version is of another major than this reader's */
function checkMajor(path: string, key: string, version: unknown): void {
  const major = Number.parseInt(String(version), 10);
  if (Number.isNaN(major) || major === KNOWN_MAJOR) return;
  throw new DatasetError(
    'newer-major',
    `${path}: ${key} is ${JSON.stringify(version)}, this reader knows ${KNOWN_MAJOR}; use a version of dtm-exporter that reads it`,
    { path },
  );
}

/** Parses and checks JSON. A file of another major may have any shape, so its version is looked at first. */
function readDocument<T>(path: string, bytes: Uint8Array, shape: Shape<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw damaged(path, 'it is not JSON', cause);
  }
  const versions = value as { manifest_version?: unknown; schema_version?: unknown } | null;
  checkMajor(path, 'manifest_version', versions?.manifest_version);
  checkMajor(path, 'schema_version', versions?.schema_version);
  const fault = shape(value, '');
  if (fault !== null) throw damaged(path, fault);
  return value as T;
}

export const readPointer = (path: string, bytes: Uint8Array): Pointer => readDocument(path, bytes, pointer);
export const readReleases = (path: string, bytes: Uint8Array): readonly ListedRelease[] =>
  readDocument(path, bytes, releases).releases;
export const readManifest = (path: string, bytes: Uint8Array): Manifest =>
  readDocument(path, bytes, manifest);
