// A release made by the command line, as a user makes one, and what Python's readers find in it.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Manifest } from '../../lib/release/manifest.ts';
import { childEnvironment, pythonJson } from './python.ts';
import { ROOT } from './recorded.ts';

const run = promisify(execFile);

/** What pyarrow, pandas and polars found in a file, in this order; sums are of persons present. */
export interface Found {
  readonly rows: readonly number[];
  readonly people: readonly (number | null)[];
  readonly columns: readonly (readonly string[])[];
  readonly nulls: Readonly<Record<'pyarrow' | 'pandas' | 'polars', Readonly<Record<string, number>>>>;
  /** Where the readers' values differ. */
  readonly differences: readonly string[];
}

export interface FoundParquet extends Found {
  /** Arrow types. */
  readonly schema: readonly string[];
  /** polars types. */
  readonly polars: readonly string[];
  readonly footerRows: number;
  readonly createdBy: string;
  readonly keyValues: Readonly<Record<string, string>>;
  /** The metadata of each field, and of the schema, as pyarrow shows them. */
  readonly arrowTexts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly arrowMetadata: Readonly<Record<string, string>>;
  readonly compression: readonly string[];
}

export interface FoundCsv extends Found {
  /** Where a value differs from the Parquet file's. */
  readonly unlikeParquet: string | null;
  /** The text is the one that the contract's rules give for the Parquet file's values. */
  readonly isCanonical: boolean;
}

/** The Parquet files a country, read together in several ways. */
export interface FoundPartitions {
  readonly files: number;
  readonly columns: Readonly<Record<string, readonly string[]>>;
  readonly countryIsCode: Readonly<Record<'hive' | 'glob' | 'pandas', boolean>>;
  readonly differences: readonly string[];
  /** The first country's: by pyarrow's filter, by polars' filter, in its file. */
  readonly rowsOfFirst: readonly [number, number, number];
}

export interface Report {
  readonly parquet: Readonly<Record<string, FoundParquet>>;
  readonly csv: Readonly<Record<string, FoundCsv>>;
  readonly contentSha256: Readonly<Record<string, string>>;
  readonly partitions: Readonly<Record<'admin0' | 'admin1' | 'admin2', FoundPartitions | null>>;
  readonly csvParts: Readonly<Record<'admin0' | 'admin1' | 'admin2', boolean>>;
}

export interface Exported {
  /** The release's folder. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly report: Report;
  readonly remove: () => Promise<void>;
}

/** Runs `export` with these words and variables into a new folder, and reads the release. */
export async function exportRelease(
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Exported> {
  const to = await mkdtemp(join(tmpdir(), 'interop-'));
  const remove = () => rm(to, { recursive: true });
  try {
    const main = join(ROOT, 'lib/cli/main.ts');
    await run(process.execPath, [main, 'export', ...words, '--quiet', '--to', to], {
      env: childEnvironment(variables),
    });
    const latest = JSON.parse(await readFile(join(to, 'latest.json'), 'utf8')) as { release: string };
    const folder = join(to, 'releases', latest.release);
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
    return { folder, manifest, report: await pythonJson<Report>('release.py', [folder]), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The paths that `sha256sum` finds in order by the release's own list. Throws if one is not. */
export async function checkedSums(folder: string): Promise<string[]> {
  const { stdout } = await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], {
    cwd: folder,
    env: { ...process.env, LC_ALL: 'C' },
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.replace(/: OK$/, ''));
}
