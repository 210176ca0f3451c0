// A line of the report: a measured value, its target and a verdict.

export interface Line {
  readonly what: string;
  readonly measured: string;
  readonly target: string;
  /** A stricter target, or ''. */
  readonly further: string;
  readonly verdict: string;
}

/** A value with its targets: upper limits, or lower limits if `atLeast`. */
export interface Target {
  readonly value: number;
  readonly target: number;
  readonly further?: number;
  readonly atLeast?: boolean;
}

/** A line without a target. */
export const plainLine = (what: string, measured: string): Line => ({
  ...{ what, measured, target: 'report', further: '', verdict: 'reported' },
});

/** A line with a target. `says` has the texts of the target and of the stricter target. */
export const targetLine = (
  what: string,
  {
    measured,
    says: [target, further = ''],
    ...limits
  }: Target & { measured: string; says: readonly string[] },
): Line => ({ what, measured, target: target as string, further, verdict: judge(limits) });

/** `met`, or by how much the target is missed. */
export function judge({ value, target, further, atLeast = false }: Target): string {
  const holds = (limit: number): boolean => (atLeast ? value >= limit : value <= limit);
  if (further !== undefined && holds(further)) return 'met, the further one too';
  if (holds(target)) return 'met';
  return `NOT met, by ${(100 * Math.abs(value / target - 1)).toFixed(1)} %`;
}

export const seconds = (value: number): string => `${value.toFixed(2)} s`;
export const times = (value: number, digits = 2): string => `${value.toFixed(digits)} x`;
export const megabytes = (value: number): string => `${value.toFixed(0)} MB`;
export const whole = (value: number): string => Math.round(value).toLocaleString('en');
