// All measurements of one run of the benchmark. Those that no row needs are absent.
import type { Footprint } from './footprint.ts';
import type { GrowthPoint } from './growth.ts';
import type { LatencyResult } from './latency.ts';
import type { Take } from './rounds.ts';
import type { Cost } from './run-process.ts';

export interface Measurements {
  /** Costs by take, one for each round. */
  readonly takes: Partial<Record<Take, readonly Cost[]>>;
  /** Rows of all levels. */
  readonly rows?: number;
  /** Paths outside `runs/` that an unchanged run wrote. */
  readonly touched?: readonly string[];
  /** Bytes of the release of `day`: those that a download fetches, and all. */
  readonly downloaded?: { readonly fetched: number; readonly all: number } | undefined;
  readonly footprints?: readonly Footprint[];
  /** Costs of the larger worlds. */
  readonly growth?: readonly GrowthPoint[];
  readonly latency?: LatencyResult;
  /** Milliseconds to import, by function. */
  readonly imports?: Readonly<Record<string, readonly number[]>>;
  readonly publish?: PublishCosts;
}

/** Costs of `publish` alone, memory size by function in megabytes, and seconds that `fetch` waits for each answer. */
export interface PublishCosts {
  readonly costs: readonly Cost[];
  readonly memory: Readonly<Record<'publish' | 'fetch', number>>;
  readonly waits: readonly number[];
}

/** A take or another measurement that a row needs. */
export type Need = Take | Exclude<keyof Measurements, 'takes' | 'rows' | 'touched' | 'downloaded'>;
