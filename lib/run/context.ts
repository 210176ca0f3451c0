// The context that every stage of a run gets: store, terms, announcer, clock and callbacks. On AWS one shared context
// serves all runs of a function instance; each run adds its id, signal and progress callback.
import type { Announcer } from '../catalogue/announce.ts';
import type { DTMApi } from '../dtm/client.ts';
import { CLIENT_VERSION } from '../dtm/endpoints.ts';
import { ConfigurationError, type Environment } from '../environment/configuration.ts';
import type { Terms } from '../release/terms.ts';
import type { Edge } from '../retire/edge.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { StoreError } from '../store/store.ts';
import { READING } from './units/reading.ts';
import type { Source } from './units/source.ts';
import type { UnitReport } from './units/unit.ts';

/** The progress of a stage, for a progress bar or a log line. */
export type Progress =
  | { readonly stage: 'plan'; readonly units: number }
  | { readonly stage: 'fetch'; readonly report: UnitReport; readonly done: number; readonly units: number }
  | { readonly stage: 'write'; readonly path: string; readonly done: number; readonly files: number }
  | { readonly stage: 'audit'; readonly files: number };

/** A program. `reading` says how it turns answers into rows; null: in several ways, so no earlier answer is reused. */
export interface Generator {
  readonly name: string;
  readonly version: string;
  readonly reading: string | null;
}

/** What every stage of a run needs. */
export interface RunContext {
  /** The run's id. */
  readonly run: string;
  /** The store of the prefix: staged files and releases are written to it. */
  readonly store: Store;
  /** Licence, contact and visibility of the dataset. */
  readonly terms: Terms;
  /** The URL of the prefix for readers. Null makes all links relative. */
  readonly publicUrl: string | null;
  /** Sends an event for each release. Null sends none. */
  readonly announcer: Announcer | null;
  /** The shared caches that must forget what is pruned. None on a laptop. */
  readonly edge?: Edge | null;
  /** The program that releases name as their generator. */
  readonly generator: Generator;
  /** The clock of the run. */
  readonly now: () => Date;
  readonly onProgress: (progress: Progress) => void;
  /** Stops the run when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** A run's context with the API client, for the stages that send requests: plan and fetch. */
export interface ApiContext extends RunContext {
  readonly api: Pick<DTMApi, 'ask'>;
  /** The API that the client sends requests to. */
  readonly source: Source;
}

/** The part of the context that is the same for every run. */
export type SharedContext = Omit<RunContext, 'run' | 'signal' | 'onProgress'>;

/** The generator of a release: this package. */
export const GENERATOR: Generator = { name: 'dtm-exporter', version: CLIENT_VERSION, reading: READING };

/** Creates the shared context from the environment and the given store and announcer, with the system clock. */
export const createSharedContext = (
  { terms, publicUrl }: Pick<Environment, 'terms' | 'publicUrl'>,
  destinations: Omit<SharedContext, 'terms' | 'publicUrl' | 'generator' | 'now'>,
): SharedContext => ({ ...destinations, terms, publicUrl, generator: GENERATOR, now: () => new Date() });

/** Opens the store at `DTM_DESTINATION`. @throws {ConfigurationError} if it is no folder or bucket that can be opened */
export function openDestination(
  destination: string,
  { terms, proxyEnv }: Pick<Environment, 'terms' | 'proxyEnv'>,
): Store {
  try {
    return openStore(destination, { visibility: terms.visibility, proxyEnv });
  } catch (error) {
    if (error instanceof StoreError) throw new ConfigurationError(`DTM_DESTINATION: ${error.message}`);
    throw error;
  }
}
