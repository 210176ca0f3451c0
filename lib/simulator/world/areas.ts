// The places of a country, with P-codes as uneven as the real ones: they are text, not a system.

import type { Country } from './countries.ts';
import { placeNamer, unusualNames } from './names.ts';
import { randomOf } from './random.ts';
import type { Size } from './size.ts';

/** A place as a row names it. */
export interface Place {
  readonly name: string;
  readonly code: string;
}

/** A second subdivision and the first one that it lies in; `admin2` null: the row lacks its two keys. */
export interface Area {
  readonly admin1: Place;
  readonly admin2: Place | null;
  /** The same area under the codes it has carried since `RECODED_SINCE`. */
  readonly recoded?: Area;
}

/** API: what stands in name and code when the place is not known. */
export const NOT_AVAILABLE: Place = { name: 'Not available', code: 'Not available' };

/** From this date on the areas of `RECODED` carry other codes: one area with two codes. */
export const RECODED_SINCE = '2022-01-01';
const RECODED = new Set(['MLI', 'NGA']);

const digits = (n: number, width: number) => String(n).padStart(width, '0');

/** The code of the n-th first subdivision, from 1. */
function admin1Code(country: Country, n: number): string {
  if (country.iso3 === 'IRQ') return `IRQ-G${digits(n, 2)}`;
  if (country.iso3 === 'COD') return `COD${digits(n + 50, 2)}`;
  if (country.iso3 === 'NGA') return `NGA${digits(n, 3)}`;
  return `${country.iso2}${digits(n, 2)}`;
}

/** The code of the n-th second subdivision, from 1, of a first one. */
function admin2Code(country: Country, first: string, n: number): string {
  return country.iso3 === 'IRQ' ? `${first}Q${digits(n, 2)}` : `${first}${digits(n, 2)}`;
}

/** The same area with new codes; in Mali the first subdivision's code changes with it. */
function recode(country: Country, area: Area): Area {
  const admin1 = country.iso3 === 'MLI' ? { ...area.admin1, code: `${country.iso2}91` } : area.admin1;
  const admin2 = area.admin2 && { ...area.admin2, code: `${admin1.code}00` };
  return { admin1, admin2 };
}

/** The country's second subdivisions, grouped by first subdivision; at least one. */
export function areasOf(country: Country, seed: number, size: Size): Area[] {
  const name = placeNamer(country, randomOf(seed, 'areas', country.iso3));
  const unusual = unusualNames(country);
  const admin1Count = Math.max(1, Math.round(country.admin1 * size.admin1));
  const admin2Count = Math.max(admin1Count, Math.round(country.admin2 * size.admin2));
  const admin1 = Array.from({ length: admin1Count }, (_, i) => ({
    name: name(),
    code: admin1Code(country, i + 1),
  }));
  const areas = Array.from({ length: admin2Count }, (_, i) => {
    const first = admin1[i % admin1Count] as Place;
    const n = Math.floor(i / admin1Count) + 1;
    return {
      admin1: first,
      admin2: { name: unusual[i] ?? name(), code: admin2Code(country, first.code, n) },
    };
  });
  return areas.map((area, i) =>
    i === 0 && RECODED.has(country.iso3) ? { ...area, recoded: recode(country, area) } : area,
  );
}
