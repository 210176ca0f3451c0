// What every stage of a run is given, and what it tells.

import type { Announcer } from '../catalogue/announce.ts';
import type { DTMApi } from '../dtm/client.ts';
import { CLIENT_VERSION } from '../dtm/endpoints.ts';
import { ConfigurationError, type Environment } from '../environment/configuration.ts';
import type { Terms } from '../release/terms.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { StoreError } from '../store/store.ts';
import type { Columns } from '../table/columns.ts';
import type { Source } from './units/source.ts';
import type { UnitReport } from './units/unit.ts';

/** Where a stage has got to; for a progress bar or a log line. */
export type Progress =
  | { readonly stage: 'plan'; readonly units: number }
  | { readonly stage: 'fetch'; readonly report: UnitReport; readonly done: number; readonly units: number }
  | { readonly stage: 'write'; readonly path: string; readonly done: number; readonly files: number }
  | { readonly stage: 'audit'; readonly files: number };

/** A run's surroundings: where it writes, whom it asks, on which terms, by which clock. */
export interface RunContext {
  readonly run: string;
  readonly store: Store;
  readonly terms: Terms;
  /** Where readers reach the prefix, without which links are relative. */
  readonly publicUrl: string | null;
  /** Who tells others of a release; null where nobody does. */
  readonly announcer: Announcer | null;
  readonly generator: { readonly name: string; readonly version: string };
  readonly now: () => Date;
  /** Rows that this process has staged itself, by the SHA-256 of what it staged: they are not read back. */
  readonly stagedCache?: Map<string, Columns> | undefined;
  readonly onProgress: (progress: Progress) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A run's surroundings with the API's client, for the stages that ask. */
export interface ApiContext extends RunContext {
  readonly api: Pick<DTMApi, 'ask'>;
  /** Whom that client asks. */
  readonly source: Source;
}

/** A run's surroundings, of any run. */
export type SharedContext = Omit<RunContext, 'run' | 'signal' | 'onProgress'>;

/** What a release names as its generator: this package. */
export const GENERATOR = { name: 'dtm-exporter', version: CLIENT_VERSION };

export const createSharedContext = (
  { terms, publicUrl }: Pick<Environment, 'terms' | 'publicUrl'>,
  more: Omit<SharedContext, 'terms' | 'publicUrl' | 'generator' | 'now'>,
): SharedContext => ({ ...more, terms, publicUrl, generator: GENERATOR, now: () => new Date() });

/** Opens what `DTM_DESTINATION` names. @throws {ConfigurationError} if it is of a kind that cannot be opened */
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
