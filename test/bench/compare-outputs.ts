// Which outputs should be equal: every variant's, both formats, the countries and all, the Python script's and ours.
import { countryPairs, refuseOtherFiles, refuseUnequal, scriptPairs, tablePairs } from './compare-rows.ts';
import { folderOf, madeBy, type Setting, type Take } from './rounds.ts';

/** Takes that publish the first world. */
const SAME: readonly Take[] = ['core', 'csv', 'zipped', 'all'];

/** Compares what the last round has written. @throws {UnequalOutputsError} */
export async function compareOutputs(setting: Setting, takes: ReadonlySet<Take>): Promise<void> {
  const made = SAME.filter((take) => takes.has(take)).map((take) => madeBy(setting, take));
  const [first, ...others] = await Promise.all(made);
  if (!first) return;
  for (const other of others)
    for (const format of ['parquet', 'csv'] as const) refuseOtherFiles(format, first, other);
  // The others' files are the same bytes: they need not be read.
  const script = takes.has('script') ? scriptPairs(folderOf(setting, 'script'), first) : [];
  await refuseUnequal([...tablePairs(first), ...countryPairs(first), ...script]);
}
