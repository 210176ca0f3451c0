// Formats numbers and dates in the reader's locale. Words stay English, and years are those of the files: some locales
// have a calendar of their own, in which 2026 is 2569 or 1405.

const MS_PER_DAY = 86_400_000;

/** WebKit on Linux gives the name of the system's locale, such as `C`, which is no language tag. */
function isLanguageTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length > 0;
  } catch {
    return false;
  }
}

const locales = [...(navigator.languages ?? []).filter(isLanguageTag), 'en'];
const numbers = new Intl.NumberFormat(locales);
const short = new Intl.NumberFormat(locales, { notation: 'compact', maximumFractionDigits: 1 });
const oneDigit = new Intl.NumberFormat(locales, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const calendar = { calendar: 'gregory', timeZone: 'UTC' };
const dates = new Intl.DateTimeFormat(locales, { dateStyle: 'medium', ...calendar });
const months = new Intl.DateTimeFormat(locales, { year: 'numeric', month: 'short', ...calendar });
const years = new Intl.DateTimeFormat(locales, { year: 'numeric', ...calendar });

export const numberText = (value: number): string => numbers.format(value);
/** `1.2M`, for axes. */
export const shortNumber = (value: number): string => short.format(value);
export const monthText = (date: Date): string => months.format(date);
export const yearText = (date: Date): string => years.format(date);

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes as the page writes them: `1.2 MB`. */
export function sizeText(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  const isWhole = power === 0 || value >= 99.95;
  return `${isWhole ? numberText(Math.round(value)) : oneDigit.format(value)} ${UNITS[power]}`;
}

/** The start of a day in UTC. */
export const dayOf = (text: string): Date => new Date(`${text.slice(0, 10)}T00:00:00Z`);

/** The day of an ISO 8601 date or time. */
export const dateText = (text: string): string => dates.format(dayOf(text));

/** A figure, or "no figure" for null. */
export const figureText = (value: number | null): string =>
  value === null ? 'no figure' : numberText(value);

/** Whole days from a day to today, both in UTC. */
export const daysSince = (text: string): number =>
  Math.floor(Date.now() / MS_PER_DAY) - Math.floor(dayOf(text).getTime() / MS_PER_DAY);

/** `3 days`, `14 months`, `4.2 years`. */
export function ageText(days: number): string {
  if (days < 92) return `${numberText(days)} ${days === 1 ? 'day' : 'days'}`;
  if (days < 731) return `${numberText(Math.round(days / 30.44))} months`;
  return `${oneDigit.format(days / 365.25)} years`;
}

/** `today`, `yesterday`, `3 days ago`. */
export function agoText(days: number): string {
  if (days <= 0) return days === 0 ? 'today' : `in ${ageText(-days)}`;
  return days === 1 ? 'yesterday' : `${ageText(days)} ago`;
}

/** Rewrites the page's numbers, dates, sizes and ages in the reader's locale. */
export function localise(root: ParentNode): void {
  for (const data of root.querySelectorAll('data')) data.textContent = numberText(Number(data.value));
  for (const time of root.querySelectorAll('time')) time.textContent = dateText(time.dateTime);
  for (const link of root.querySelectorAll<HTMLElement>('[data-bytes]')) {
    const size = link.querySelector('.size');
    if (size) size.textContent = sizeText(Number(link.dataset.bytes));
  }
  for (const span of root.querySelectorAll<HTMLElement>('[data-ago]'))
    span.textContent = `(${agoText(daysSince(span.dataset.ago ?? ''))})`;
}
