// The places of a country. Their P-codes differ from country to country, as the real ones do: they are texts without a
// common form.
import type { Country } from './countries.ts';
import { placeNamer, unusualNames } from './names.ts';
import { randomOf } from './random.ts';
import type { Size } from './size.ts';

/** Name and P-code of a place, as in a row. */
export interface Place {
  readonly name: string;
  readonly code: string;
}

/** A second subdivision and its first subdivision. If `admin2` is null, rows lack the two keys of admin2. */
export interface Area {
  readonly admin1: Place;
  readonly admin2: Place | null;
  /** The same area with its codes since `RECODED_SINCE`. */
  readonly recoded?: Area;
}

/** API: name and code of an unknown place. */
export const NOT_AVAILABLE: Place = { name: 'Not available', code: 'Not available' };

/** Since this date the first area of each `RECODED` country has other codes. So one area has two codes over time. */
export const RECODED_SINCE = '2022-01-01';
const RECODED = new Set(['MLI', 'NGA']);

const digits = (n: number, width: number) => String(n).padStart(width, '0');

/** Code of the n-th first subdivision, n from 1. */
function admin1Code(country: Country, n: number): string {
  if (country.iso3 === 'IRQ') return `IRQ-G${digits(n, 2)}`;
  if (country.iso3 === 'COD') return `COD${digits(n + 50, 2)}`;
  if (country.iso3 === 'NGA') return `NGA${digits(n, 3)}`;
  return `${country.iso2}${digits(n, 2)}`;
}

/** Code of the n-th second subdivision of a first one, n from 1. */
function admin2Code(country: Country, first: string, n: number): string {
  return country.iso3 === 'IRQ' ? `${first}Q${digits(n, 2)}` : `${first}${digits(n, 2)}`;
}

/** The same area with new codes. In Mali the code of the first subdivision changes, too. */
function recode(country: Country, area: Area): Area {
  const admin1 = country.iso3 === 'MLI' ? { ...area.admin1, code: `${country.iso2}91` } : area.admin1;
  const admin2 = area.admin2 && { ...area.admin2, code: `${admin1.code}00` };
  return { admin1, admin2 };
}

/** The second subdivisions of a country, at least one. They are dealt out to the first subdivisions in turn. */
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
