// Larger worlds, one after another: whether time grows with rows and memory by less.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { measureExport } from './exports.ts';
import { readInputs, refuseOthers, seenByRun } from './inputs.ts';
import type { Cost } from './run-process.ts';
import { makeAnswers, serveAnswers } from './serve-answers.ts';

/** Of the world: about 1 and 5 million rows; the largest answer is then just below the 256 MiB that the client takes. */
const SCALES = [5.5, 31];
const RUN = '2026-11-24T05-00-00Z-growth';

/** An export of so many rows. */
export interface Point extends Cost {
  readonly rows: number;
}

/** Exports each world once, and removes it; nothing is left of them. */
export async function measureGrowth(folder: string): Promise<Point[]> {
  const points: Point[] = [];
  for (const scale of SCALES) points.push(await measureWorld(join(folder, 'growth'), scale));
  return points;
}

async function measureWorld(folder: string, scale: number): Promise<Point> {
  const [answers, memory] = [join(folder, 'answers'), join(folder, 'memory')];
  await mkdir(memory, { recursive: true });
  try {
    await makeAnswers(answers, scale);
    await using server = await serveAnswers({ folder: answers, memory });
    const without = ['csv', 'raw', 'workbooks'] as const;
    const asked = { name: `scale ${scale}`, run: RUN, without, memory, expected: 'published' } as const;
    const { environment } = server;
    // Once to fill caches, as a round before the first does.
    await measureExport({ ...asked, environment, to: join(folder, 'before') });
    await rm(join(folder, 'before'), { recursive: true });
    const to = join(folder, 'to');
    const { cost } = await measureExport({ ...asked, environment, to });
    const seen = await seenByRun(to, RUN);
    refuseOthers(asked.name, seen, { ...(await readInputs(answers)), rows: seen.rows });
    return { ...cost, rows: seen.rows };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
