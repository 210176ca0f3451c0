// Compares outputs that must be equal: of all takes, of both formats, of country files and whole tables, of the Python script
// and ours.
import { checkEqualRows, checkSameFiles, countryPairs, scriptPairs, tablePairs } from './compare-rows.ts';
import { folderOf, type RoundOptions, releaseOfTake, type Take } from './rounds.ts';

/** Takes that publish the first world, so their releases must be equal. */
const SAME_WORLD: readonly Take[] = ['core', 'csv', 'zipped', 'all'];

/** Compares the outputs of the last round. @throws {UnequalOutputsError} */
export async function compareOutputs(options: RoundOptions, takes: ReadonlySet<Take>): Promise<void> {
  const releases = SAME_WORLD.filter((take) => takes.has(take)).map((take) => releaseOfTake(options, take));
  const [first, ...others] = await Promise.all(releases);
  if (!first) return;
  for (const other of others)
    for (const format of ['parquet', 'csv'] as const) checkSameFiles(format, first, other);
  // The files of the other releases have the same bytes, so we read only the first.
  const script = takes.has('script') ? scriptPairs(folderOf(options, 'script'), first) : [];
  await checkEqualRows([...tablePairs(first), ...countryPairs(first), ...script]);
}
