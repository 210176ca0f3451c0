// What the charts of one country are drawn from: made when a release's page is written, read by the browser. Numbers
// are those of the release's tables; null is no figure, never 0.

/** One count: date, round, level, persons, males, females, and persons by reason as indexes into `reasons`. */
export type ChartCount = readonly [
  date: string,
  round: number,
  level: number,
  idps: number | null,
  males: number | null,
  females: number | null,
  reasons: readonly (readonly [reason: number, idps: number | null])[],
];

/** An area of the newest count at level 1, with its persons. */
export type ChartArea = readonly [name: string | null, pcode: string | null, idps: number | null];

/** One operation and assessment type of a country: a line of its own, never added to another. */
export interface ChartSeries {
  readonly operation: string;
  readonly assessment_type: string;
  readonly status: string | null;
  /** Median of the days between counts; null where there are not two. */
  readonly usual_days: number | null;
  /** Reasons as sent; null is a row that says none. */
  readonly reasons: readonly (string | null)[];
  /** By date, then round; each at the least level that has it. */
  readonly counts: readonly ChartCount[];
  /** The newest count at level 1, areas by persons; null where level 1 has none. */
  readonly areas: {
    readonly date: string;
    readonly round: number;
    readonly list: readonly ChartArea[];
  } | null;
}

export interface CountryChartData {
  readonly country: string;
  readonly name: string;
  readonly series: readonly ChartSeries[];
}

/** Name of the function in the browser that a picture's script hands its data to. */
export const CHART_DATA_CALLBACK = 'dtmPicture';
