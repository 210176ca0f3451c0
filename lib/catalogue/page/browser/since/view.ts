// The words and tables of what differs since a release.

import type { ChangedCount, Since } from '../../charts/sum-steps.ts';
import { bdi, element } from '../elements/element.ts';
import { dateText, numberText } from '../locale.ts';

/** Rows of one country's table; the command below the section lists all. */
const MAX_ROWS = 100;

/** The differences in words, then a table for each country. */
export function sinceView(since: Since, nameOf: (code: string) => string): HTMLElement {
  const { countries, others } = since;
  return element(
    'div',
    {},
    element('p', {}, headline(since)),
    ...countries.map(({ code, counts }) => countryDetails(nameOf(code), counts, countries.length === 1)),
    others.length > 0
      ? element(
          'p',
          {},
          'No total at country level differs, but rows of other levels, rows within a total or labels changed: ',
          ...others.flatMap((code, at) => [at > 0 ? ', ' : '', bdi(nameOf(code))]),
          '.',
        )
      : null,
    countries.length > 0
      ? element(
          'p',
          { class: 'hint' },
          'Each line is one count; counts are never added up. An operation that was renamed is gone under its old name and new under the other.',
        )
      : null,
  );
}

function headline({ from, published_at, countries, others }: Since): string {
  const since = `Since release ${from} of ${dateText(published_at)}`;
  if (countries.length + others.length === 0) return `${since} nothing has changed.`;
  if (countries.length === 0) return `${since} no total at country level has changed.`;
  const counts = countries.flatMap((country) => country.counts);
  const places = `${numberText(countries.length)} ${countries.length === 1 ? 'country' : 'countries'}`;
  return `${since} totals at country level have changed in ${places}: ${amounts(counts)}.`;
}

/** `2 new counts, 1 revised`. */
function amounts(counts: readonly ChangedCount[]): string {
  const kinds = ['new', 'revised', 'gone'] as const;
  return kinds
    .map((kind) => [kind, counts.filter(({ change }) => change === kind).length] as const)
    .filter(([, length]) => length > 0)
    .map(([kind, length]) => `${numberText(length)} ${kind}`)
    .join(', ');
}

function countryDetails(name: string, counts: readonly ChangedCount[], isOpen: boolean): HTMLElement {
  const rest = counts.length - MAX_ROWS;
  return element(
    'details',
    { open: isOpen },
    element('summary', {}, bdi(name), element('span', { class: 'hint' }, ` ${amounts(counts)}`)),
    element(
      'div',
      { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': `Changed counts of ${name}` },
      countTable(name, counts.slice(0, MAX_ROWS)),
    ),
    rest > 0 ? element('p', {}, `And ${numberText(rest)} more, which the command below lists.`) : null,
  );
}

/** A body for each operation, so that narrow screens have room for the figures. */
function countTable(name: string, counts: readonly ChangedCount[]): HTMLElement {
  const byOperation = Map.groupBy(counts, ({ operation }) => operation);
  const heads = ['Then', 'Now', 'Change'].map((text) => element('th', { scope: 'col', class: 'n' }, text));
  return element(
    'table',
    { class: 'since-table' },
    element('caption', {}, 'People present in ', bdi(name)),
    element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'Count'), ...heads)),
    ...[...byOperation].map(([operation, ofOperation]) =>
      element(
        'tbody',
        {},
        element('tr', {}, element('th', { colspan: 4, scope: 'rowgroup' }, bdi(operation))),
        ...ofOperation.map(row),
      ),
    ),
  );
}

function row({ type, date, round, change, before, after }: ChangedCount): HTMLElement {
  const cell = (...content: (HTMLElement | string)[]): HTMLElement =>
    element('td', { class: 'n' }, ...content);
  const isKnown = typeof before === 'number' && after !== null;
  const tag = element('span', { class: change === 'gone' ? 'tag bad' : 'tag' }, change);
  return element(
    'tr',
    { 'data-change': change },
    element('th', { scope: 'row' }, `${dateText(date)}, `, bdi(type), `, round ${round}`),
    cell(change === 'new' ? '' : figure(before)),
    cell(change === 'gone' ? '' : figure(after)),
    cell(change === 'revised' && isKnown ? signed(after - before) : tag),
  );
}

/** A total, "no figure" where a row has none, or "not known" where a figure is missing in a release between. */
function figure(value: number | null | undefined): string {
  if (value === undefined) return 'not known';
  return value === null ? 'no figure' : numberText(value);
}

const signed = (value: number): string => `${value > 0 ? '+' : '\u2212'}${numberText(Math.abs(value))}`;
