// Exports a release with the command line, as a user does, and reads it with Python's readers.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Manifest } from '../../lib/release/manifest.ts';
import { childEnvironment, pythonJson } from './python-environment.ts';
import { ROOT } from './recorded-answers.ts';

const run = promisify(execFile);

/** Contents of a file as pyarrow, pandas and polars read it, in this order; sums are of persons present. */
export interface Found {
  readonly rows: readonly number[];
  readonly people: readonly (number | null)[];
  readonly columns: readonly (readonly string[])[];
  readonly nulls: Readonly<Record<'pyarrow' | 'pandas' | 'polars', Readonly<Record<string, number>>>>;
  /** Differences between the readers' values, in words. */
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
  /** Metadata of each field, and below of the schema, from pyarrow. */
  readonly arrowTexts: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly arrowMetadata: Readonly<Record<string, string>>;
  readonly compression: readonly string[];
}

export interface FoundCsv extends Found {
  /** The first value that differs from the Parquet file, in words; null if none does. */
  readonly unlikeParquet: string | null;
  /** True if the text is exactly what the contract's rules give for the Parquet file's values. */
  readonly isCanonical: boolean;
}

/** Results of reading the country files of a level together, in several ways. */
export interface FoundPartitions {
  readonly files: number;
  readonly columns: Readonly<Record<string, readonly string[]>>;
  readonly countryIsCode: Readonly<Record<'hive' | 'glob' | 'pandas', boolean>>;
  readonly differences: readonly string[];
  /** Rows of the first country: with pyarrow's filter, with polars' filter, in its own file. */
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

/** Runs `export` with these arguments and variables into a new folder, and reads the release. */
export async function exportRelease(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Exported> {
  const to = await mkdtemp(join(tmpdir(), 'interop-'));
  const remove = () => rm(to, { recursive: true });
  try {
    const main = join(ROOT, 'lib/cli/main.ts');
    await run(process.execPath, [main, 'export', ...args, '--quiet', '--to', to], {
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

/** Paths that `sha256sum --check` accepts in the release's SHA256SUMS. @throws {Error} if a file does not match */
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
