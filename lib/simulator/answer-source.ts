import type { ApiVersion, Level } from '../dtm/endpoints.ts';
import type { HnaWorld } from './hna/hna-world.ts';
import type { Row } from './world/rows.ts';

/** The source of the simulator's answers: the synthetic world, or recorded answers. */
export interface AnswerSource {
  readonly synthetic: boolean;
  /** Versions of the API that are served. */
  readonly versions: readonly ApiVersion[];
  /** Countries that a request may name. */
  readonly countries: readonly { readonly iso3: string; readonly name: string }[];
  countryList(): readonly Row[];
  operationList(): readonly Row[];
  /** All rows of a country at a level, sorted by reporting date. */
  rows(version: ApiVersion, level: Level, iso3: string): readonly Row[];
  /** True if the country may have rows of an operation with exactly this name. */
  mayHaveRows(iso3: string, operation: string): boolean;
  /** The figures of the HNA service. Recorded answers have none. */
  readonly hna?: HnaWorld;
  /** A recorded answer by its name (`admin0-HTI`, `country-list`), to be sent byte for byte. Null if there is none. */
  recorded?(name: string): Uint8Array | null;
}
