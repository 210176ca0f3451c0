import type { ApiVersion, Level } from '../dtm/endpoints.ts';
import type { Row } from './world/rows.ts';

/** What the simulator answers from: the synthetic world, or recorded answers. */
export interface AnswerSource {
  readonly synthetic: boolean;
  /** Versions of the API whose paths are served. */
  readonly versions: readonly ApiVersion[];
  /** Countries that may be asked for. */
  readonly countries: readonly { readonly iso3: string; readonly name: string }[];
  countryList(): readonly Row[];
  operationList(): readonly Row[];
  /** Every row of a country at a level, by reporting date. */
  rows(version: ApiVersion, level: Level, iso3: string): readonly Row[];
  /** Whether the country can have rows of an operation of that exact name. */
  mayHaveRows(iso3: string, operation: string): boolean;
  /** An answer to be sent byte for byte, if there is one under that name (`admin0-HTI`, `country-list`). */
  recorded?(name: string): Uint8Array | null;
}
