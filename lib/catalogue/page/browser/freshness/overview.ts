// The dot plot of freshness: a row of dots a status, so that "Active" and years old is seen at once.

import { bdi, element } from '../elements/element.ts';
import { makeChartHost } from '../elements/stage.ts';
import { loadCharts, type PageData, whenVisible } from '../load.ts';
import { ageText, dateText, numberText } from '../locale.ts';
import type { OperationAge } from './ages.ts';

/** Draws it when it is near to be seen, and again when its place changes width. */
export function startOverview(data: PageData, aged: readonly OperationAge[]): void {
  const container = document.querySelector<HTMLElement>('[data-dots]');
  if (!container || aged.length === 0) return;
  whenVisible(container, async () => {
    try {
      draw(container, await loadCharts(data), aged);
    } catch (error) {
      container.replaceChildren(element('p', { class: 'notice' }, (error as Error).message));
    }
  });
}

type Charts = Awaited<ReturnType<typeof loadCharts>>;

function draw(place: HTMLElement, charts: Charts, aged: readonly OperationAge[]): void {
  const rows = [...Map.groupBy(aged, ({ status }) => status ?? 'Not in the operation list')].sort(
    ([a], [b]) => a.localeCompare(b, 'en'),
  );
  const ages = aged.map(({ days }) => Math.max(1, days));
  // Some room at both ends, also where all are of one age.
  const span = [Math.min(...ages) / 1.5, Math.max(...ages) * 1.2] as const;
  const readout = element(
    'p',
    { class: 'readout-line', 'aria-live': 'polite' },
    'Each dot is one operation and assessment type.',
  );
  const figure = element(
    'figure',
    { class: 'overview' },
    element('figcaption', {}, 'Age of the newest count, by status'),
    legend(),
  );
  for (const [at, [status, own]] of rows.entries())
    figure.append(statusRow(charts, { status, own, span, withAxis: at === rows.length - 1, readout }));
  figure.append(readout);
  place.replaceChildren(figure);
}

const legend = (): HTMLElement =>
  element(
    'p',
    { class: 'legend-line' },
    element('span', { class: 'key on-time' }, 'within twice its usual interval'),
    element('span', { class: 'key overdue' }, 'overdue'),
  );

interface StatusRow {
  readonly status: string;
  readonly own: readonly OperationAge[];
  readonly span: readonly [number, number];
  readonly withAxis: boolean;
  readonly readout: HTMLElement;
}

function statusRow(charts: Charts, { status, own, span, withAxis, readout }: StatusRow): HTMLElement {
  const sorted = own.toSorted((a, b) => a.days - b.days);
  const overdue = sorted.filter(({ isOverdue }) => isOverdue).length;
  const stage = makeChartHost(
    `${status}: dot plot of ${sorted.length} operations by the age of their newest count`,
    (at) => {
      stage.mark(at);
      const one = sorted[at] as OperationAge;
      readout.replaceChildren(
        bdi(one.label),
        `: ${dateText(one.last)}, ${ageText(one.days)} old${usualText(one)}.`,
      );
    },
  );
  const paint = (width: number): void => {
    const points = sorted.map(({ days, isOverdue }) => ({ days: Math.max(1, days), isOverdue }));
    const { svg, place } = charts.dots(points, { width, span, withAxis });
    stage.draw(svg, () => points.map((_, at) => place(at)));
  };
  observeWidth(stage.host, paint);
  return element(
    'div',
    { class: 'status-row' },
    element(
      'p',
      {},
      element('strong', {}, bdi(status)),
      ` ${numberText(sorted.length)}, ${numberText(overdue)} overdue`,
    ),
    stage.host,
  );
}

const usualText = ({ usual, isOverdue }: OperationAge): string =>
  usual === null
    ? ', counted once'
    : `, usually every ${numberText(usual)} days${isOverdue ? ': overdue' : ''}`;

/** Calls with an element's width in pixels, now and whenever it changes. */
export function observeWidth(host: HTMLElement, paint: (width: number) => void): void {
  let lastWidth = 0;
  new ResizeObserver(() => {
    const width = Math.floor(host.clientWidth);
    if (width === 0 || width === lastWidth) return;
    lastWidth = width;
    paint(width);
  }).observe(host);
}
