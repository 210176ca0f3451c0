// Shows the result of the last check, from `status.json`. The page itself was written when the rows last changed.
import { isFromDisk } from '../load.ts';
import { agoText, daysSince } from '../locale.ts';

interface Unit {
  readonly country: string;
  readonly status: string;
  readonly answered_at: string | null;
}

interface Status {
  readonly last_check: { readonly at: string; readonly outcome: string } | null;
  readonly units?: readonly Unit[];
}

/** Days without an answer after which the page adds "too long". */
const MAX_AGE = 30;

/** Adds the last check to the gaps. Adds nothing if `status.json` cannot be fetched. */
export async function startLastCheck(): Promise<void> {
  const container = document.querySelector<HTMLElement>('[data-last-check]');
  if (!container || isFromDisk()) return;
  const status = await fetch('status.json', { cache: 'no-cache' })
    .then((response) => (response.ok ? (response.json() as Promise<Status>) : null))
    .catch(() => null);
  if (!status?.last_check) return;
  const { at, outcome } = status.last_check;
  container.textContent = `Last checked ${at.slice(0, 10)} (${outcome}). ${unansweredText(status.units ?? [])}`;
}

/** The countries without an answer in the last check, those without one for the longest time first. */
function unansweredText(units: readonly Unit[]): string {
  const days = new Map<string, number>();
  for (const { country, status, answered_at } of units) {
    if (status !== 'failed' && status !== 'carried') continue;
    const age = answered_at === null ? Number.POSITIVE_INFINITY : daysSince(answered_at);
    days.set(country, Math.max(age, days.get(country) ?? 0));
  }
  if (days.size === 0) return '';
  const sorted = [...days].sort(([, a], [, b]) => b - a);
  const words = sorted.map(([country, age]) =>
    Number.isFinite(age)
      ? `${country} last answered ${agoText(age)}${age >= MAX_AGE ? ', too long' : ''}`
      : `${country} never answered`,
  );
  return `Without an answer: ${words.join('; ')}.`;
}
