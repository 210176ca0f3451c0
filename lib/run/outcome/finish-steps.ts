// What a run still does once its outcome stands. A step that cannot be done changes no outcome: it is named, and the
// next run does it.

import { REPAIR_HINT } from '../../catalogue/prefix.ts';
import { DamagedFileError } from '../../release/manifest.ts';

/** The steps that could not be done, each with its reason: `page: the disk is full`. */
export type UnfinishedSteps = readonly string[];

/** A step's name, and its work. */
export type Step = readonly [name: string, work: () => Promise<unknown>];

/** Does one step after the other, whatever becomes of those before; names those that could not be done. */
export async function runSteps(steps: readonly Step[]): Promise<UnfinishedSteps> {
  const unfinished: string[] = [];
  for (const [name, work] of steps) {
    try {
      await work();
    } catch (error) {
      unfinished.push(`${name}: ${describeError(error)}`);
    }
  }
  return unfinished;
}

/** What is damaged no run mends. */
function describeError(error: unknown): string {
  const words = (error instanceof Error ? error.message : String(error))
    .replaceAll(/\s+/g, ' ')
    .slice(0, 500);
  return error instanceof DamagedFileError ? `${words}; ${REPAIR_HINT}` : words;
}
