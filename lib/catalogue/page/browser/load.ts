// Loads charts, viewer and chart data when they are needed. They are classic scripts, which also load in a page opened from disk.
import type { CountryChartData } from '../charts/country-chart-data.ts';
import type { PageData } from '../charts/page-data.ts';
import type { Charts } from './charts/charts.ts';
import type { CountryBundle } from './country/country.ts';
import type { Viewer } from './viewer/viewer.ts';
import type { WorldMapMaker } from './world/map.ts';

declare global {
  var dtmPicture: ((picture: CountryChartData) => void) | undefined;
}

const loading = new Map<string, Promise<void>>();
const pictures = new Map<string, CountryChartData>();

/** True if the page was opened from disk. Such a page cannot use `fetch`. */
export const isFromDisk = (): boolean => location.protocol === 'file:';

/** Runs a script of this page once. After a failure, the next call tries again. @throws {Error} with a sentence for the reader */
export function loadScript(path: string): Promise<void> {
  const cached = loading.get(path) ?? startLoading(path);
  loading.set(path, cached);
  cached.catch(() => loading.delete(path));
  return cached;
}

function startLoading(path: string): Promise<void> {
  const script = document.createElement('script');
  script.src = path;
  return new Promise((done, fail) => {
    script.addEventListener('load', () => done());
    script.addEventListener('error', () => {
      script.remove();
      fail(
        new Error(
          'A part of this page could not be loaded. The release may have been replaced: reload the page.',
        ),
      );
    });
    document.head.append(script);
  });
}

/** The charts; the first call loads them. */
export async function loadCharts({ charts }: PageData): Promise<Charts> {
  await loadScript(charts);
  return globalThis.dtmCharts as Charts;
}

/** The view of a country; the first call loads it. */
export async function loadCountryView({ country }: PageData): Promise<CountryBundle> {
  await loadScript(country);
  return globalThis.dtmCountry as CountryBundle;
}

/** The map of the world; the first call loads it. */
export async function loadMap({ map }: PageData): Promise<WorldMapMaker> {
  await loadScript(map);
  return globalThis.dtmMap as WorldMapMaker;
}

/** The viewer of Parquet files; the first call loads it. */
export async function loadViewer({ viewer }: PageData): Promise<Viewer> {
  await loadScript(viewer);
  return globalThis.dtmViewer as Viewer;
}

/** The chart data of a country; the first call loads it. */
export async function loadPicture(data: PageData, country: string): Promise<CountryChartData> {
  globalThis.dtmPicture = (picture) => pictures.set(picture.country, picture);
  await loadScript(data.pictures[country] as string);
  return pictures.get(country) as CountryChartData;
}

/** An element must be visible for this long before it loads. Scrolling past it loads nothing. */
const VISIBLE_MILLISECONDS = 200;

/** Calls `call` once, when the element has been visible for so many milliseconds. */
export function whenVisible(target: Element, call: () => void, milliseconds = VISIBLE_MILLISECONDS): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const observer = new IntersectionObserver((entries) => {
    clearTimeout(timer);
    if (!entries.at(-1)?.isIntersecting) return;
    timer = setTimeout(() => {
      observer.disconnect();
      call();
    }, milliseconds);
  });
  observer.observe(target);
}
