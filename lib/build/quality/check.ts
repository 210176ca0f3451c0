// A check says what was observed, what it was held against, and what follows when it fails.

/** What happens when a check fails: nothing is hidden, some failures stop a release unless they are accepted. */
export type Consequence = 'published' | 'refused unless accepted';

export interface QualityCheck {
  readonly name: string;
  readonly observed: number;
  /** The most that passes. */
  readonly threshold: number;
  readonly unit: 'rows' | 'percent' | 'units' | 'snapshots' | 'operations' | 'values';
  readonly verdict: 'pass' | 'fail';
  readonly consequence: Consequence;
  /** The cases, the first ten. */
  readonly examples: readonly string[];
}

const EXAMPLES = 10;

/** A check of a number; by default none is tolerated, and a failure is published. */
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

/** A check that counts its cases. */
export const checkCases = (
  name: string,
  unit: QualityCheck['unit'],
  cases: readonly string[],
): QualityCheck => check(name, cases.length, { unit, examples: cases });

/** Percent with two decimals; 0 of nothing. */
export const percent = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
