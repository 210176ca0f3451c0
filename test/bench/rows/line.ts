// A line of the report: a figure, what it should be, and whether it is.

export interface Line {
  readonly what: string;
  readonly measured: string;
  readonly target: string;
  /** What to look for beyond the target, or ''. */
  readonly further: string;
  readonly verdict: string;
}

/** A figure with its limits: at most, unless `atLeast`. */
export interface Aim {
  readonly value: number;
  readonly target: number;
  readonly further?: number;
  readonly atLeast?: boolean;
}

/** A line without a target. */
export const reported = (what: string, measured: string): Line => ({
  ...{ what, measured, target: 'report', further: '', verdict: 'reported' },
});

/** A line with a target, which `says` puts into words, the further one after it. */
export const aimed = (
  what: string,
  { measured, says: [target, further = ''], ...aim }: Aim & { measured: string; says: readonly string[] },
): Line => ({ what, measured, target: target as string, further, verdict: judge(aim) });

/** `met`, or by how much it is not. */
export function judge({ value, target, further, atLeast = false }: Aim): string {
  const holds = (limit: number): boolean => (atLeast ? value >= limit : value <= limit);
  if (further !== undefined && holds(further)) return 'met, the further one too';
  if (holds(target)) return 'met';
  return `NOT met, by ${(100 * Math.abs(value / target - 1)).toFixed(1)} %`;
}

export const seconds = (value: number): string => `${value.toFixed(2)} s`;
export const times = (value: number, digits = 2): string => `${value.toFixed(digits)} x`;
export const megabytes = (value: number): string => `${value.toFixed(0)} MB`;
export const whole = (value: number): string => Math.round(value).toLocaleString('en');
