// What `dtm-exporter/reader` exports. Nothing here needs Node.js: it runs in browsers, too.
export {
  type Dataset,
  type DatasetOptions,
  openDataset,
  type ReleaseSummary,
} from './dataset.ts';
export type {
  ChangeCounts,
  ListedRelease,
  Manifest,
  ManifestFile,
  ManifestTable,
  ManifestUnit,
} from './documents.ts';
export { DatasetError, type DatasetErrorKind } from './errors.ts';
export type { Condition, Range, Where } from './parquet/where.ts';
export type { Release } from './release.ts';
export type { RowsOptions } from './row-options.ts';
export type { ApiVersion, ColumnName, Row, TableName } from './row-types.ts';
export type { ByteRange, GetOptions, Source, VersionedBytes } from './source.ts';
export type { Fetch, WebOptions } from './web/options.ts';
