// Measures exports of larger worlds. Time should grow in proportion to rows, and memory more slowly.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { measureExport } from './exports.ts';
import { checkSameInputs, readInputs, readRunInputs } from './inputs.ts';
import type { Cost } from './run-process.ts';
import { makeAnswers, serveAnswers } from './serve-answers.ts';

/** Scales of the worlds: about 1 and 5 million rows. The largest answer is just below the client's limit of 256 MiB. */
const SCALES = [5.5, 31];
const RUN = '2026-11-24T05-00-00Z-growth';

/** The cost of an export with this number of rows. */
export interface GrowthPoint extends Cost {
  readonly rows: number;
}

/** Exports each world once and removes its files. */
export async function measureGrowth(folder: string): Promise<GrowthPoint[]> {
  const points: GrowthPoint[] = [];
  for (const scale of SCALES) points.push(await measureWorld(join(folder, 'growth'), scale));
  return points;
}

async function measureWorld(folder: string, scale: number): Promise<GrowthPoint> {
  const [answers, gzipCache] = [join(folder, 'answers'), join(folder, 'gzip')];
  await mkdir(gzipCache, { recursive: true });
  try {
    await makeAnswers(answers, scale);
    await using server = await serveAnswers({ folder: answers, gzipCache });
    const without = ['csv', 'raw', 'workbooks'] as const;
    const exportRun = {
      name: `scale ${scale}`,
      run: RUN,
      without,
      gzipCache,
      expected: 'published',
    } as const;
    const { environment } = server;
    // The first export fills caches and is not measured.
    await measureExport({ ...exportRun, environment, to: join(folder, 'before') });
    await rm(join(folder, 'before'), { recursive: true });
    const to = join(folder, 'to');
    const { cost } = await measureExport({ ...exportRun, environment, to });
    const inputs = await readRunInputs(to, RUN);
    checkSameInputs(exportRun.name, inputs, { ...(await readInputs(answers)), rows: inputs.rows });
    return { ...cost, rows: inputs.rows };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
