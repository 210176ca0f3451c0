// Publishes the two worlds for the readers, a full one and one with hostile names, and computes the expected statistics (truth.py).
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { startSimulator } from '../../../lib/simulator/server.ts';
import { envelope, ROW, type Row, serveAnswers } from '../../hostile/api.ts';
import { NASTY, TEXTS } from '../../hostile/nasty.ts';
import { exportInto } from '../../setting.ts';
import { childEnvironment } from '../python-environment.ts';
import type { Truth } from './compare.ts';

export interface World {
  readonly name: string;
  /** The release's folder. */
  readonly release: string;
  readonly truth: Truth;
  /** True if the truth has every text, and not only statistics. */
  readonly withValues: boolean;
}

/** 221,134 rows of 50 countries. */
export async function fullWorld(t: TestContext): Promise<World> {
  const simulator = await startSimulator({ scale: 1 });
  t.after(() => simulator.close());
  return publish(t, { name: 'full world', url: simulator.url, withValues: false });
}

const CODES = ['AAA', 'AAB', 'AAC'];

// Characters that a workbook cell or a C string cannot hold. They have their own tests.
const control = /[^\P{Cc}\n\r\t]|\uffff/u;

/** Names that some tools misread. */
export const HOSTILE: readonly string[] = [
  ...NASTY.filter((text) => text.length <= 1000 && !control.test(text)),
  ...[
    'NA',
    'N/A',
    'None',
    'TRUE',
    'FALSE',
    '001',
    '1e5',
    ' Río Callado ',
    'Côte d’Ivoire',
    'a, "b"',
    '#N/A',
    '',
  ],
];

/** Publishes three countries. Each text column has all hostile names, shifted by one row per column. */
export async function hostileWorld(t: TestContext): Promise<World> {
  const { url } = await serveAnswers(t, (endpoint, country) => hostileAnswer(endpoint, country));
  return publish(t, { name: 'hostile names', url, withValues: true });
}

function hostileAnswer(endpoint: string, country: string | null): string {
  const countries = CODES.map((admin0Pcode) => ({
    admin0Name: ` ${admin0Pcode} "x", نازحون \u{1F600} `,
    admin0Pcode,
  }));
  if (endpoint === 'countries') return envelope(countries);
  if (endpoint === 'operations')
    return envelope(
      HOSTILE.filter((text) => text !== '').map((operation) => ({
        operation,
        operationStatus: 'Active',
        ...countries[0],
      })),
    );
  return envelope(hostileRows(country as string));
}

function hostileRows(admin0Pcode: string): Row[] {
  return HOSTILE.map((_, at) => {
    const texts = TEXTS.map((field, shift) => [field, HOSTILE[(at + shift) % HOSTILE.length]]);
    return { ...ROW, ...(Object.fromEntries(texts) as Partial<Row>), admin0Pcode, id: at };
  });
}

interface Publishing {
  readonly name: string;
  readonly url: string;
  readonly withValues: boolean;
}

async function publish(t: TestContext, { name, url, withValues }: Publishing): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'readers-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const run = '2026-11-24T05-00-00Z';
  const { release } = await exportInto({ folder, url, run, countries: null, api: { timeout: 120 } });
  if (release === null || release === undefined) throw new Error(`${name}: nothing was published`);
  const args = [join(folder, 'runs', run), url, ...(withValues ? ['--values'] : [])];
  const { stdout } = await promisify(execFile)('python3', [join(import.meta.dirname, 'truth.py'), ...args], {
    env: childEnvironment(),
    maxBuffer: 1 << 28,
  });
  return { name, release: join(folder, 'releases', release), truth: JSON.parse(stdout) as Truth, withValues };
}
