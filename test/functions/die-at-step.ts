// A function that dies at a step: in a folder a step is the naming of a finished file, by link or by rename. From the
// chosen one on every further one fails too, as nothing more is done by what is dead.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { Cloud } from './start-cloud.ts';

/** Lets the functions name so many files in `work`, and no more; resolves to how many they named, or tried to. */
export async function dyingAfter(
  steps: number,
  { restart }: Pick<Cloud, 'restart'>,
  work: () => Promise<unknown>,
): Promise<number> {
  const { linkSync, renameSync } = fs;
  let taken = 0;
  const step =
    (name: typeof linkSync): typeof linkSync =>
    (from, to) => {
      taken++;
      if (taken > steps) throw Object.assign(new Error('dead'), { code: 'EIO' });
      name(from, to);
    };
  fs.linkSync = step(linkSync);
  fs.renameSync = step(renameSync);
  syncBuiltinESMExports();
  restart();
  try {
    await work();
  } finally {
    fs.linkSync = linkSync;
    fs.renameSync = renameSync;
    syncBuiltinESMExports();
    restart();
  }
  return taken;
}
