// The last check before the manifest is written: all files of the release must be in the store, and every file that was
// built is read and compared with what was expected. The bytes of a file that was taken from the release before were
// checked when it was taken. Parquet footers are read by another library than the writer's.
import pMap from 'p-map';
import { type ColumnStatistics, findFooterMismatch } from '../format/column-statistics.ts';
import { releaseFolder, releaseKey } from '../release/layout.ts';
import type { Manifest, ManifestFile } from '../release/manifest.ts';
import type { Store } from '../store/store.ts';
import { checkFile } from './check-file.ts';

/** Files in memory at once. */
const FILES_AT_ONCE = 4;

/** A written file: its manifest entry and, for Parquet, the statistics that its footer must have. */
export interface WrittenFile {
  readonly entry: ManifestFile;
  readonly statistics: readonly ColumnStatistics[] | null;
  /** The key of the published file that it was taken from, if it was. */
  readonly sameAs?: string;
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
 * Looks for every file, reads those that were built, and compares bytes, SHA-256, rows, columns and statistics.
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
  const built = files.filter(({ sameAs }) => sameAs === undefined);
  const problems = [
    ...(await findAbsentFiles(store, release, files)),
    ...(await pMap(built, check, { concurrency: FILES_AT_ONCE })).flat(),
  ];
  if (problems.length > 0) throw new AuditError(release, problems);
}

/** Problems of files that were taken and are not in the store, or have another size there. */
async function findAbsentFiles(
  store: Store,
  release: string,
  files: readonly WrittenFile[],
): Promise<string[]> {
  const stored = new Map((await store.list(releaseFolder(release))).map(({ key, bytes }) => [key, bytes]));
  return files.flatMap(({ entry: { path, bytes }, sameAs }) => {
    const found = stored.get(releaseKey(release, path));
    if (sameAs === undefined || found === bytes) return [];
    return [found === undefined ? `${path}: missing` : `${path}: expected ${bytes} bytes, found ${found}`];
  });
}
