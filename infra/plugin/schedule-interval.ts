// The longest time between two runs of a schedule, which the alarm for a missing check must not be shorter than.

const MS_PER_DAY = 24 * 60 * 60 * 1000;
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Days of a rate's unit. */
const UNIT_DAYS: Readonly<Record<string, number>> = { minute: 1 / 1440, hour: 1 / 24, day: 1 };

/** Days that a cron expression is looked at: two years, one of them with 29 February. */
const DAYS = 731;
const FIRST_DAY = Date.UTC(2027, 0, 1);

/**
 * The most whole days between two runs of `cron(minute hour day month weekday year)` or `rate(N unit)`; at least 1.
 * A day by `L`, `W` or `#` counts as one a month. Infinity if there is never a second run; 0 if it is no schedule.
 */
export function daysBetweenRuns(schedule: string): number {
  const [, count, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule) ?? [];
  if (count !== undefined) return Math.ceil(Number(count) * (UNIT_DAYS[unit] ?? 0));
  const fields = /^cron\((.*)\)$/.exec(schedule)?.[1]?.split(' ');
  if (fields?.length !== 6) return 0;
  const [, , day = '', month = '', weekday = ''] = fields;
  if (/[LW#]/.test(day) || /L|#/.test(weekday)) return 31;
  let [last, longest] = [Number.NaN, 0];
  for (let at = 0; at < DAYS; at++) {
    const date = new Date(FIRST_DAY + at * MS_PER_DAY);
    const isRun =
      matches(day, date.getUTCDate(), []) &&
      matches(month, date.getUTCMonth() + 1, ['', ...MONTHS]) &&
      matches(weekday, date.getUTCDay() + 1, ['', ...WEEKDAYS]);
    if (!isRun) continue;
    if (!Number.isNaN(last)) longest = Math.max(longest, at - last);
    last = at;
  }
  return longest === 0 ? Number.POSITIVE_INFINITY : longest;
}

/** Whether a field of a cron expression has this value: `*`, `?`, `5`, `MON`, `1-5`, `MON-FRI`, `1/2`, or a list of them. */
function matches(field: string, value: number, names: readonly string[]): boolean {
  const numberOf = (text: string): number => (names.includes(text) ? names.indexOf(text) : Number(text));
  return field.split(',').some((part) => {
    const [range = '', step = '1'] = part.split('/');
    if (range === '*' || range === '?') return (value - 1) % Number(step) === 0;
    const [from = '', to] = range.split('-');
    const last =
      to === undefined ? (part.includes('/') ? Number.POSITIVE_INFINITY : numberOf(from)) : numberOf(to);
    return value >= numberOf(from) && value <= last && (value - numberOf(from)) % Number(step) === 0;
  });
}
