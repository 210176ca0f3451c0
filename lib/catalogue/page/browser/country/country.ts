// The view of a country, a bundle of its own that is loaded with the first country. It follows a link: what the link chooses is shown, and every later choice has a link.
import type { CountryChartData } from '../../charts/country-chart-data.ts';
import type { PageData } from '../../charts/page-data.ts';
import type { Charts } from '../charts/charts.ts';
import { pageAddress } from '../elements/link.ts';
import { createContext, type Entry } from './context.ts';
import { readHash, writeChartHash, writeHash } from './link.ts';
import { countryView } from './view.ts';

export interface CountryRequest {
  readonly charts: Charts;
  readonly data: PageData;
  readonly picture: CountryChartData;
  /** The hash of the link, or an empty text. */
  readonly hash: string;
  /** Gets the hash of each later choice. */
  readonly onHash: (hash: string, entry: Entry) => void;
}

/** What the bundle offers to the page. */
export interface CountryBundle {
  create(request: CountryRequest): HTMLElement;
}

function create({ charts, data, picture, hash, onHash }: CountryRequest): HTMLElement {
  const context = createContext(data, charts, picture);
  return countryView(context, {
    ...readHash(context, hash),
    onChoice: (choice, entry) => onHash(writeHash(context, { ...choice, count: null }), entry),
    linkTo: (choice, chart) => pageAddress(data) + writeChartHash(context, choice, chart),
  });
}

declare global {
  var dtmCountry: CountryBundle | undefined;
}

globalThis.dtmCountry = { create };
