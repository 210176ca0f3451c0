// The type of a quality check: the observed number, its threshold, and the consequence of a failure.

/** Consequence of a failed check: the release is published all the same, or it is refused unless accepted. */
export type Consequence = 'published' | 'refused unless accepted';

export interface QualityCheck {
  readonly name: string;
  readonly observed: number;
  /** The largest number that passes. */
  readonly threshold: number;
  readonly unit: 'rows' | 'percent' | 'units' | 'snapshots' | 'operations' | 'values';
  readonly verdict: 'pass' | 'fail';
  readonly consequence: Consequence;
  /** The first ten cases. */
  readonly examples: readonly string[];
}

/** The most cases that a check names. */
export const EXAMPLES = 10;

/** Checks a number. By default every number above 0 fails, and the release is still published. */
export function check(
  name: string,
  observed: number,
  {
    unit,
    threshold = 0,
    consequence = 'published',
    examples = [],
  }: Pick<QualityCheck, 'unit'> & Partial<Pick<QualityCheck, 'threshold' | 'consequence' | 'examples'>>,
): QualityCheck {
  const verdict = observed > threshold ? 'fail' : 'pass';
  return { name, observed, threshold, unit, verdict, consequence, examples: examples.slice(0, EXAMPLES) };
}

/** Checks the number of cases: one case is a failure. */
export const checkCases = (
  name: string,
  unit: QualityCheck['unit'],
  cases: readonly string[],
): QualityCheck => check(name, cases.length, { unit, examples: cases });

/** Percent with two decimals; 0 if `whole` is 0. */
export const percent = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
