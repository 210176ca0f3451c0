// The chart data of one country. `writePage` writes it, the browser reads it. The numbers come from the release's tables;
// null means no figure, never 0.

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

/** Persons of an area in a count; null without a figure, false if the count has no row of the area. */
export type AreaFigure = number | null | false;

/**
 * A first-level area: its name in its newest count, its P-code, a figure for each count, and its other names, each with
 * the indexes of the counts that have it.
 */
export type ChartArea = readonly [
  name: string | null,
  pcode: string | null,
  figures: readonly AreaFigure[],
  otherNames?: readonly (readonly [name: string | null, counts: readonly number[]])[],
];

/** The counts of a series at level 1, by date and round, and its areas; those with most persons in the newest come first. */
export interface ChartAreas {
  readonly counts: readonly (readonly [date: string, round: number])[];
  readonly list: readonly ChartArea[];
}

/** One operation and assessment type of a country. It is one line of the chart; lines are never added up. */
export interface ChartSeries {
  readonly operation: string;
  readonly assessment_type: string;
  readonly status: string | null;
  /** Median of the days between counts; null with fewer than two counts. */
  readonly usual_days: number | null;
  /** Reasons as the API sent them; null stands for rows without a reason. */
  readonly reasons: readonly (string | null)[];
  /** Sorted by date, then round; each at the lowest level that has it. */
  readonly counts: readonly ChartCount[];
  /** Areas over time; null if level 1 has no count. */
  readonly areas: ChartAreas | null;
}

export interface CountryChartData {
  readonly country: string;
  readonly name: string;
  readonly series: readonly ChartSeries[];
}

/** Name of the global function that a chart script calls with its data. */
export const CHART_DATA_CALLBACK = 'dtmPicture';
