// Versions of what is written, apart from the writers: readers of a release need them without loading a writer.

/** Raised whenever the same rows would be written as other bytes, or into other files; tests hold the bytes of fixed tables. */
export const FORMAT_VERSION = 3;

/** Raised with it where Parquet files are concerned: else a country keeps the SHA-256 of its own. */
export const PARQUET_VERSION = 2;
