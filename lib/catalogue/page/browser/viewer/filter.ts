// A filter on one column: the form and the comparison.
import type { Value } from '../../../../dataset/parquet/open.ts';
import { element } from '../elements/element.ts';
import type { FileColumn } from './file.ts';

export interface Filter {
  readonly column: string;
  matches(value: Value): boolean;
}

type Comparison = 'contains' | 'is' | 'at least' | 'at most' | 'is missing';

const COMPARISONS: readonly Comparison[] = ['contains', 'is', 'at least', 'at most', 'is missing'];

/** Creates the form; `onFilter` gets null when the user clears the filter. */
export function filterForm(
  columns: readonly FileColumn[],
  onFilter: (filter: Filter | null) => void,
): HTMLFormElement {
  const column = element(
    'select',
    { id: 'viewer-column' },
    ...columns.map(({ name }) => element('option', { value: name }, name)),
  );
  const comparison = element(
    'select',
    { id: 'viewer-comparison', 'aria-label': 'Comparison' },
    ...COMPARISONS.map((name) => element('option', {}, name)),
  );
  const value = element('input', {
    id: 'viewer-value',
    type: 'text',
    autocomplete: 'off',
    'aria-label': 'Value',
  });
  const clear = element('button', { type: 'button' }, 'Clear');
  const form = element(
    'form',
    {},
    element('label', { for: 'viewer-column' }, 'Only rows where'),
    column,
    comparison,
    value,
    element('button', { type: 'submit', class: 'primary' }, 'Filter'),
    clear,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    onFilter({ column: column.value, matches: createMatcher(comparison.value as Comparison, value.value) });
  });
  clear.addEventListener('click', () => {
    value.value = '';
    onFilter(null);
  });
  return form;
}

/** A value as text, for comparison and display. */
export const plainText = (value: Value): string => (value === null ? '' : String(value));

/** Compares numbers as numbers and everything else as text. ISO dates are in order as texts. */
export function createMatcher(comparison: Comparison, operand: string): Filter['matches'] {
  const typed = operand.trim();
  const isMissing = (value: Value): boolean => value === null;
  const order = (value: Value): number => {
    if (typeof value === 'number') return value - Number(typed);
    const text = plainText(value);
    return text < typed ? -1 : text > typed ? 1 : 0;
  };
  const matchers: Record<Comparison, Filter['matches']> = {
    contains: (value) => plainText(value).toLowerCase().includes(typed.toLowerCase()),
    is: (value) => order(value) === 0,
    'at least': (value) => order(value) >= 0,
    'at most': (value) => order(value) <= 0,
    'is missing': isMissing,
  };
  return (value) => (comparison === 'is missing' || !isMissing(value)) && matchers[comparison](value);
}
