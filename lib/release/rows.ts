// A country's rows as a release has published them, to stand in for an answer that was not asked for or did not come.
import { readParquet } from '../format/parquet.ts';
import type { Store } from '../store/store.ts';
import type { Columns } from '../table/columns.ts';
import type { LevelTable, TableSchema } from '../table/schema.ts';
import { sha256 } from './digest.ts';
import { countryParquet, releaseKey } from './layout.ts';
import { DamagedFileError, type Manifest } from './manifest.ts';

/** The rows of one level of one country. @throws {DamagedFileError} if they are not those that were published */
export async function readPublished(
  store: Store,
  { release, files }: Manifest,
  { schema, country }: { schema: TableSchema; country: string },
): Promise<Columns> {
  const path = countryParquet(schema.name as LevelTable, country);
  const key = releaseKey(release, path);
  const entry = files.find((file) => file.path === path);
  const found = entry && (await store.get(key));
  if (!found) throw new DamagedFileError(key, 'missing');
  const hash = sha256(found.body);
  if (hash !== entry.sha256)
    throw new DamagedFileError(key, `expected SHA-256 ${entry.sha256}, found ${hash}`);
  return readParquet(schema.columns, found.body);
}
