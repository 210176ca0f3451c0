// What every stage of a run is given, and what it tells.
import type { DTMApi } from '../dtm/client.ts';
import type { Announcer } from '../release/announce.ts';
import type { Terms } from '../release/terms.ts';
import type { Store } from '../store/store.ts';
import type { Columns } from '../table/columns.ts';
import type { Source } from './source.ts';
import type { UnitReport } from './unit.ts';

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
  readonly atHand?: Map<string, Columns> | undefined;
  readonly onProgress: (progress: Progress) => void;
  readonly signal?: AbortSignal | undefined;
}

/** A run's surroundings with the API's client, for the stages that ask. */
export interface AskingContext extends RunContext {
  readonly api: Pick<DTMApi, 'ask'>;
  /** Whom that client asks. */
  readonly source: Source;
}
