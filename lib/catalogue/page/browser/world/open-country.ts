// Goes from the world to a country's charts.
import { requireElement } from '../elements/element.ts';
import type { WorldCount } from './counts.ts';

/** The hash that shows a count's country with the operation and assessment type that the reader saw. */
export const hashOf = (count: Pick<WorldCount, 'country' | 'operation' | 'assessment_type'>): string =>
  `#${new URLSearchParams({ country: count.country, operation: count.operation, type: count.assessment_type })}`;

/** Shows a country below, as a link to it does. */
export function openCountry(hash: string): void {
  location.hash = hash;
  focusPicture();
}

/** After a link to a country, the next Tab goes on from its charts and not from the link. */
export function followLink({ target }: Event): void {
  if ((target as Element).closest('a[href^="#country="]')) setTimeout(focusPicture);
}

function focusPicture(): void {
  const title = requireElement('#picture-title');
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
}
