// Versions of the written bytes. They have their own file, so that readers of a release do not load the writers.

/**
 * Raise it if the same rows are written as other bytes, or into other files. Tests compare the bytes of fixed tables.
 */
export const FORMAT_VERSION = 4;

/** Raise it too if the bytes of Parquet files change. Otherwise a country's Parquet file keeps its SHA-256. */
export const PARQUET_VERSION = 2;
