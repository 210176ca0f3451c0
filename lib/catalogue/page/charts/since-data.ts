// The counts at country level that changed since earlier releases. `writePage` writes it, the browser reads it. A total
// of before is that of now less the steps between, which are exact: each is a sum over the rows of a change log.

/** A count with its rows and persons in the current release. 0 rows: it is gone. Null: a row has no figure. */
export type SinceCount = readonly [
  country: string,
  /** Indexes into `operations` and `types`. */
  operation: number,
  type: number,
  date: string,
  round: number,
  rows: number,
  idps: number | null,
];

/** By how much a count changed: rows and persons more or, negative, fewer. Null: a row had or has no figure. */
export type SinceDelta = readonly [count: number, rows: number, idps: number | null];

/** The change from a release to the next one. */
export interface SinceStep {
  /** The earlier release. */
  readonly from: string;
  readonly published_at: string;
  /** All countries that changed, at any level or in a label. */
  readonly countries: readonly string[];
  readonly deltas: readonly SinceDelta[];
}

export interface SinceData {
  /** The current release. */
  readonly release: string;
  readonly names: Readonly<Record<string, string>>;
  readonly operations: readonly string[];
  readonly types: readonly string[];
  readonly counts: readonly SinceCount[];
  /** Newest first: from the current release back. */
  readonly steps: readonly SinceStep[];
}

/** Name of the global function that the script calls with its data. */
export const SINCE_CALLBACK = 'dtmSince';
