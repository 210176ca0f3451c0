// What is loaded only when it is asked for, as classic scripts: a page that was opened from disk may load those too.
import type { CountryChartData } from '../charts/country-chart-data.ts';
import type { Charts } from './charts/charts.ts';
import type { Viewer } from './viewer/viewer.ts';

/** What the page hands to its scripts. */
export interface PageData {
  readonly release: string | null;
  readonly pictures: Readonly<Record<string, string>>;
  readonly charts: string;
  readonly viewer: string;
  readonly publicUrl: string | null;
}

declare global {
  var dtmCharts: Charts | undefined;
  var dtmViewer: Viewer | undefined;
  var dtmPicture: ((picture: CountryChartData) => void) | undefined;
}

const loading = new Map<string, Promise<void>>();
const pictures = new Map<string, CountryChartData>();

/** Whether the page was opened from disk, where nothing can be fetched. */
export const isFromDisk = (): boolean => location.protocol === 'file:';

/** Runs a script of this page once. @throws {Error} in words if it cannot be had; asked for again, it is tried again */
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

/** The charts, loaded when first asked for. */
export async function loadCharts({ charts }: PageData): Promise<Charts> {
  await loadScript(charts);
  return globalThis.dtmCharts as Charts;
}

/** The reader of Parquet files, loaded when first asked for. */
export async function loadViewer({ viewer }: PageData): Promise<Viewer> {
  await loadScript(viewer);
  return globalThis.dtmViewer as Viewer;
}

/** The figures of a country, loaded when first asked for. */
export async function loadPicture(data: PageData, country: string): Promise<CountryChartData> {
  globalThis.dtmPicture = (picture) => pictures.set(picture.country, picture);
  await loadScript(data.pictures[country] as string);
  return pictures.get(country) as CountryChartData;
}

/** Milliseconds that something must stay in sight: who goes on to a later section does not wait for what is on the way. */
const VISIBLE_MILLISECONDS = 200;

/** Calls once, when an element stays in sight. */
export function whenVisible(target: Element, call: () => void): void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const observer = new IntersectionObserver((entries) => {
    clearTimeout(waiting);
    if (!entries.at(-1)?.isIntersecting) return;
    waiting = setTimeout(() => {
      observer.disconnect();
      call();
    }, VISIBLE_MILLISECONDS);
  });
  observer.observe(target);
}
