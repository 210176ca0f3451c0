// A country on the map: its count, and its circle.
import { personsText, TIMELINESS_WORDS, type WorldCount, whenText } from './counts.ts';
import { hashOf } from './open-country.ts';

/** The count that stands for a country, with words about it. */
export interface MapCount {
  readonly code: string;
  /** Shows the country. */
  readonly hash: string;
  readonly name: string;
  readonly idps: number | null;
  readonly isLate: boolean;
  readonly figure: string;
  readonly series: string;
  readonly when: string;
}

/** The circle of a country, in pixels. */
export interface Circle {
  readonly count: MapCount;
  readonly x: number;
  readonly y: number;
  readonly r: number;
}

/** A count as the map shows it. */
export const toMapCount = (count: WorldCount): MapCount => ({
  code: count.country,
  hash: hashOf(count),
  name: count.name,
  idps: count.idps,
  isLate: count.timeliness !== 'on time',
  figure: count.idps === null ? 'no figure' : `${personsText(count)} people present`,
  series: `${count.operation} (${count.assessment_type})`,
  when: `${whenText(count)}${count.timeliness === 'on time' ? '' : `, ${TIMELINESS_WORDS[count.timeliness]}`}`,
});
