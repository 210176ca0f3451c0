// Describes a release's gaps in sentences, one kind for each cause. A missing figure is never shown as 0.
import type { Manifest, ManifestUnit } from '../../release/manifest.ts';
import { type HtmlPart, html, type Markup } from './html.ts';
import { formatDay, formatNumber, isolateName, joinWithAnd } from './words.ts';

/** A sentence about one gap of a country: units with the same status and reason. */
export interface Gap {
  readonly country: string;
  readonly text: Markup;
}

/** The gaps of a release, by status of the units. */
export interface Gaps {
  /** Failed: no answer, and no rows of an earlier release. */
  readonly failed: readonly Gap[];
  /** Carried: no answer, so the rows come from an earlier release. */
  readonly carried: readonly Gap[];
  /** Empty: the API answered without rows. */
  readonly empty: readonly Gap[];
  /** Number of kept units: this run did not ask for them, their earlier rows stay. */
  readonly kept: number;
  /** Number of units that no run ever asked for. */
  readonly absent: number;
}

/** Finds the gaps of a release; `names` maps country codes to names. */
export function findGaps({ coverage }: Pick<Manifest, 'coverage'>, names: ReadonlyMap<string, string>): Gaps {
  const withStatus = (status: ManifestUnit['status']) =>
    coverage.units.filter((unit) => unit.status === status);
  const gaps = (status: ManifestUnit['status'], describe: (unit: ManifestUnit) => Markup): Gap[] =>
    [
      ...Map.groupBy(withStatus(status), ({ country, reason, from }) =>
        JSON.stringify([country, plainReason(reason), from]),
      ),
    ].map(([, units]) => createGap(units, names, describe));
  return {
    failed: gaps('failed', ({ reason }) => html`no answer${reasonInBrackets(reason)}, and no earlier rows.`),
    carried: gaps('carried', ({ reason, from, fetched_at }) => carriedText({ reason, from, fetched_at })),
    empty: gaps('empty', ({ reason }) => html`no rows${reasonInBrackets(reason)}.`),
    kept: withStatus('kept').length,
    absent: withStatus('absent').length,
  };
}

function createGap(
  units: readonly ManifestUnit[],
  names: ReadonlyMap<string, string>,
  describe: (unit: ManifestUnit) => Markup,
): Gap {
  const [first] = units as [ManifestUnit];
  const levels = units.map(({ level }) => level).sort();
  const label = html`<strong>${isolateName(names.get(first.country) ?? first.country)}</strong>, level${levels.length === 1 ? '' : 's'} ${joinWithAnd(levels)}`;
  return { country: first.country, text: html`${label}: ${describe(first)}` };
}

/** Removes the unit's name from a reason: the label before it has the country and levels already. */
const plainReason = (reason: string | null): string | null =>
  reason?.replace(/\badmin[0-2] [A-Z]{3}: /, '') ?? null;

const reasonInBrackets = (reason: string | null): Markup =>
  html`${reason === null ? null : html` (${isolateName(plainReason(reason) ?? '')})`}`;

const carriedText = ({ reason, from, fetched_at }: Pick<ManifestUnit, 'reason' | 'from' | 'fetched_at'>) =>
  html`no answer this time${reasonInBrackets(reason)}; the rows of release ${from ?? 'before'}${
    fetched_at === null ? null : html`, fetched ${formatDay(fetched_at)},`
  } stand in.`;

/**
 * The time of the oldest answer behind a release's rows, and the countries with an answer of that day. `countries` is null
 * if there are more than three. The result is null if no unit has rows.
 */
export function oldestAnswer(
  { coverage }: Pick<Manifest, 'coverage'>,
  names: ReadonlyMap<string, string>,
): { readonly at: string; readonly countries: HtmlPart | null } | null {
  const answered = coverage.units.filter(({ rows, fetched_at }) => rows > 0 && fetched_at !== null);
  const [at] = answered.map(({ fetched_at }) => fetched_at as string).sort();
  if (at === undefined) return null;
  const sameDay = answered.filter(({ fetched_at }) => fetched_at?.slice(0, 10) === at.slice(0, 10));
  const codes = [...new Set(sameDay.map(({ country }) => country))];
  const isFew = codes.length <= 3;
  return {
    at,
    countries: isFew ? joinWithAnd(codes.map((code) => isolateName(names.get(code) ?? code))) : null,
  };
}

/** Sums up the gaps in one to three sentences. */
export function gapsSentence({ failed, carried, empty, kept, absent }: Gaps): Markup {
  const missing = failed.length + carried.length;
  const rest = html`${empty.length === 0 ? null : html` For ${countries(empty)} the API has no rows at some level.`}${
    kept === 0
      ? null
      : html` ${formatNumber(kept)} units were not asked this time: what was known of them stands.`
  }${absent === 0 ? null : html` ${formatNumber(absent)} were never asked for.`}`;
  if (missing === 0)
    return html`None: the API answered for every country and level that was asked for.${rest}`;
  return html`${failed.length === 0 ? null : html`No figures for ${countries(failed)} at some level, since the API did not answer. `}${
    carried.length === 0 ? null : html`Earlier figures stand in for ${countries(carried)}.`
  }${rest}`;
}

function countries(gaps: readonly Gap[]): Markup {
  const number = new Set(gaps.map(({ country }) => country)).size;
  return html`${number} ${number === 1 ? 'country' : 'countries'}`;
}
