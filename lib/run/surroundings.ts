// What all stages of a run are set in, wherever they run.

import { CLIENT_VERSION } from '../dtm/endpoints.ts';
import { ConfigurationError, type Environment } from '../environment/configuration.ts';
import { openStore } from '../store/open-store.ts';
import { type Store, StoreError } from '../store/store.ts';
import type { RunContext } from './context.ts';

/** A run's surroundings, of any run. */
export type Surroundings = Omit<RunContext, 'run' | 'signal' | 'onProgress'>;

/** What a release names as its generator: this package. */
export const GENERATOR = { name: 'dtm-exporter', version: CLIENT_VERSION };

export const surroundingsOf = (
  { terms, publicUrl }: Pick<Environment, 'terms' | 'publicUrl'>,
  more: Omit<Surroundings, 'terms' | 'publicUrl' | 'generator' | 'now'>,
): Surroundings => ({ ...more, terms, publicUrl, generator: GENERATOR, now: () => new Date() });

/** Opens what `DTM_DESTINATION` names. @throws {ConfigurationError} if it is of a kind that cannot be opened */
export function openPlace(
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
