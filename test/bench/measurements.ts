// All that a run of the benchmark has measured; what nothing asked for is absent.
import type { Footprint } from './footprint.ts';
import type { Point } from './growth.ts';
import type { Waited } from './latency.ts';
import type { Take } from './rounds.ts';
import type { Cost } from './run-process.ts';

export interface Measured {
  /** By take, a cost each round. */
  readonly takes: Partial<Record<Take, readonly Cost[]>>;
  /** Of all levels. */
  readonly rows?: number;
  /** Paths that an unchanged run wrote where readers look. */
  readonly touched?: readonly string[];
  readonly footprints?: readonly Footprint[];
  /** The larger worlds. */
  readonly growth?: readonly Point[];
  readonly latency?: Waited;
  /** Milliseconds, by function. */
  readonly imports?: Readonly<Record<string, readonly number[]>>;
  readonly publish?: PublishCosts;
}

/** What `publish` costs alone, megabytes of memory by function, and seconds that `fetch` waits for each answer. */
export interface PublishCosts {
  readonly costs: readonly Cost[];
  readonly memory: Readonly<Record<'publish' | 'fetch', number>>;
  readonly waits: readonly number[];
}

/** A take, or something else that can be measured. */
export type Need = Take | Exclude<keyof Measured, 'takes' | 'rows' | 'touched'>;
