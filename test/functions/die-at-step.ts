// Simulates a function that dies at a step. A step is the link or rename that gives a finished file its name in a folder.
// After the chosen step all further ones fail too, because a dead function does nothing more.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { Cloud } from './start-cloud.ts';

/** Runs `work` and lets the functions die after `steps` steps. Resolves to the number of steps tried. */
export async function dieAfter(
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
