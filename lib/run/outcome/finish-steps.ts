// The steps after the outcome is decided. A failed step does not change the outcome: the result names it, and the next
// run repeats it.
import { REPAIR_HINT } from '../../catalogue/prefix.ts';
import { DamagedFileError } from '../../release/manifest.ts';

/** The failed steps, each with its reason: `page: the disk is full`. */
export type UnfinishedSteps = readonly string[];

/** A step's name and its function. */
export type Step = readonly [name: string, work: () => Promise<unknown>];

/** Runs the steps in order. A failed step does not stop the others. Returns the failed ones. */
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

/** The message in one line of at most 500 characters. No run repairs a damaged file, so it adds a hint for the operator. */
function describeError(error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error))
    .replaceAll(/\s+/g, ' ')
    .slice(0, 500);
  return error instanceof DamagedFileError ? `${message}; ${REPAIR_HINT}` : message;
}
