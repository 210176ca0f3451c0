// The figures of the HNA service: shares of households by second subdivision and population group. All are invented. Three
// names of columns are those that the official client mentions; the others begin with `sim_`.
import { areasOf } from '../world/areas.ts';
import type { Country } from '../world/countries.ts';
import { randomOf } from '../world/random.ts';
import type { Size } from '../world/size.ts';

/** A row of the HNA service. */
export type HnaRow = Readonly<Record<string, string | number | boolean | null>>;

/** The figures of all countries. */
export interface HnaWorld {
  readonly seed: number;
  /** The countries that have figures. */
  readonly countries: readonly Country[];
  /** All rows of a country and year. Empty if there are none. */
  rows(iso3: string, year: number): readonly HnaRow[];
}

/** API: the official client names the three groups. */
export const GROUPS = ['IDP', 'IDP returnee', 'Non-displaced'] as const;

/** A column, as the catalogue describes it: category, name, description, type. */
type Column = readonly [category: string, name: string, description: string, type: string];

const COLUMNS: readonly Column[] = [
  ['Location', 'sim_adm0_pcode', 'Code of the country', 'text'],
  ['Location', 'sim_adm2_pcode', 'Code of the second subdivision', 'text'],
  ['Location', 'm3695_meta_adm2_name', 'Name of the second subdivision', 'text'],
  ['Location', 'm2788_loc_assessment_strata', 'Population group', 'text'],
  ['Assessment', 'sim_year', 'Year of the assessment', 'integer'],
  ['Assessment', 'sim_households', 'Households interviewed', 'integer'],
  ['Assessment', 'sim_is_indicative', 'True if few households were interviewed', 'boolean'],
  [
    'Priority Needs',
    'pct_hh_m2730_hh_priority_needs_food',
    'Share of households that need food first',
    'decimal',
  ],
  [
    'Priority Needs',
    'sim_pct_hh_priority_needs_water',
    'Share of households that need water first',
    'decimal',
  ],
];

/** The rows of the catalogue. */
export const CATALOG: readonly HnaRow[] = COLUMNS.map(([category, name, description, type]) => ({
  indicator_category: category,
  indicator_name: name,
  description,
  data_type: type,
}));

const COUNTRIES = ['AFG', 'HTI', 'NGA', 'SDN', 'TCD', 'UKR'];
const YEARS = [2022, 2023, 2024];

/** Creates the figures of the countries of a world. */
export function createHnaWorld(
  all: readonly Country[],
  { seed, size }: { seed: number; size: Size },
): HnaWorld {
  const countries = all.filter(({ iso3 }) => COUNTRIES.includes(iso3));
  return {
    seed,
    countries,
    rows: (iso3, year) => {
      const country = countries.find((each) => each.iso3 === iso3);
      return country !== undefined && YEARS.includes(year) ? rowsOf(country, year, { seed, size }) : [];
    },
  };
}

function rowsOf(country: Country, year: number, { seed, size }: { seed: number; size: Size }): HnaRow[] {
  const random = randomOf(seed, 'hna', country.iso3, year);
  return areasOf(country, seed, size).flatMap(({ admin1, admin2 }) => {
    const { code, name } = admin2 ?? admin1;
    return GROUPS.map((group) => {
      const households = 5 + random.int(200);
      const food = Math.round(random.next() * 10_000) / 10_000;
      const values = [
        ...[country.iso3, code, name, group, year, households, households < 30, food],
        random.int(10) === 0 ? null : Math.round((1 - food) * 5_000) / 10_000,
      ];
      return Object.fromEntries(COLUMNS.map(([, column], i) => [column, values[i] ?? null]));
    });
  });
}
