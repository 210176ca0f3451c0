// The last check before the manifest is written: reads every file of the release from the store and compares it with
// what was expected. Parquet footers are read by another library than the writer's.
import pMap from 'p-map';
import { type ColumnStatistics, findFooterMismatch } from '../format/column-statistics.ts';
import { releaseKey } from '../release/layout.ts';
import type { Manifest, ManifestFile } from '../release/manifest.ts';
import type { Store } from '../store/store.ts';
import { checkFile } from './check-file.ts';

/** Files in memory at once. */
const FILES_AT_ONCE = 4;

/** A written file: its manifest entry and, for Parquet, the statistics that its footer must have. */
export interface WrittenFile {
  readonly entry: ManifestFile;
  readonly statistics: readonly ColumnStatistics[] | null;
}

/** A file of the release is not as expected. The release is not published. */
export class AuditError extends Error {
  override readonly name = 'AuditError';
  readonly problems: readonly string[];
  constructor(release: string, problems: readonly string[]) {
    super(`release ${release} failed its audit and was not published: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

/**
 * Reads every file and compares bytes, SHA-256, rows, columns and statistics.
 * @throws {AuditError} with all problems, each with its file
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
