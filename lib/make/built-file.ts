// A file of a release, ready to be written, and its manifest entry.
import type { ColumnStatistics } from '../format/column-statistics.ts';
import { sha256 } from '../release/digest.ts';
import type { ManifestFile } from '../release/manifest.ts';

/** A file to be written. */
export interface BuiltFile {
  readonly entry: ManifestFile;
  readonly body: Uint8Array;
  /** What the footer of a Parquet file must hold; null for other files. */
  readonly statistics: readonly ColumnStatistics[] | null;
  /** The key of the published file that it was taken from, if it was. Its bytes are checked already. */
  readonly sameAs?: string;
}

/** The table, country and number of rows of a file, where it has them. */
export type FileScope = Pick<ManifestFile, 'table' | 'country' | 'rows'>;

const NO_SCOPE: FileScope = { table: null, country: null, rows: null };

/** The manifest entry of a file with these bytes. */
export function createManifestEntry(
  path: string,
  format: ManifestFile['format'],
  body: Uint8Array,
  scope: FileScope = NO_SCOPE,
): ManifestFile {
  return { path, ...scope, format, bytes: body.length, sha256: sha256(body) };
}
