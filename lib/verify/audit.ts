// The last look before the manifest: every file of the release is read back from where it lies and held against what
// was meant, Parquet footers by an implementation that did not write them.
import pMap from 'p-map';
import { type ColumnStatistics, findFooterMismatch } from '../format/column-statistics.ts';
import { releaseKey } from '../release/layout.ts';
import type { Manifest, ManifestFile } from '../release/manifest.ts';
import type { Store } from '../store/store.ts';
import { checkFile } from './check-file.ts';

/** Files in memory at once. */
const FILES_AT_ONCE = 4;

/** What was written: the manifest's entry and, for Parquet, what its footer must say. */
export interface WrittenFile {
  readonly entry: ManifestFile;
  readonly statistics: readonly ColumnStatistics[] | null;
}

/** A release does not hold what was meant; it is not published. */
export class AuditError extends Error {
  override readonly name = 'AuditError';
  readonly problems: readonly string[];
  constructor(release: string, problems: readonly string[]) {
    super(`release ${release} failed its audit and was not published: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

/**
 * Reads every file back and compares bytes, SHA-256, rows, columns and statistics.
 * @throws {AuditError} with all problems, each naming its file
 */
export async function auditRelease(
  store: Store,
  { release, tables }: Pick<Manifest, 'release' | 'tables'>,
  files: readonly WrittenFile[],
): Promise<void> {
  const check = async ({ entry, statistics }: WrittenFile): Promise<string[]> => {
    const found = await store.get(releaseKey(release, entry.path));
    const { problems, footer } = await checkFile(entry, found?.body ?? null, { tables });
    const mismatch = statistics && footer ? findFooterMismatch(statistics, footer) : null;
    return mismatch ? [...problems, `${entry.path}: ${mismatch}`] : [...problems];
  };
  const problems = (await pMap(files, check, { concurrency: FILES_AT_ONCE })).flat();
  if (problems.length > 0) throw new AuditError(release, problems);
}
