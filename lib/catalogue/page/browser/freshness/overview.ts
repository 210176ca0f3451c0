// The dot plot of freshness. Each status has a row of dots, so that "Active" operations with old counts are easy to see.
import type { PageData } from '../../charts/page-data.ts';
import { makeChartHost } from '../elements/chart-host.ts';
import { bdi, element } from '../elements/element.ts';
import { observeWidth } from '../elements/observe-width.ts';
import { loadCharts, whenVisible } from '../load.ts';
import { ageText, dateText, numberText } from '../locale.ts';
import type { OperationAge } from './ages.ts';

/** Draws the plot when it becomes visible, and again when its width changes. */
export function startOverview(data: PageData, operations: readonly OperationAge[]): void {
  const container = document.querySelector<HTMLElement>('[data-dots]');
  if (!container || operations.length === 0) return;
  whenVisible(container, async () => {
    try {
      draw(container, await loadCharts(data), operations);
    } catch (error) {
      container.replaceChildren(element('p', { class: 'notice' }, (error as Error).message));
    }
  });
}

type Charts = Awaited<ReturnType<typeof loadCharts>>;

function draw(container: HTMLElement, charts: Charts, operations: readonly OperationAge[]): void {
  const rows = [...Map.groupBy(operations, ({ status }) => status ?? 'Not in the operation list')].sort(
    ([a], [b]) => a.localeCompare(b, 'en'),
  );
  const ages = operations.map(({ days }) => Math.max(1, days));
  // Leave a margin at both ends, also if all ages are equal.
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
  container.replaceChildren(figure);
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
  const chartHost = makeChartHost(
    `${status}: dot plot of ${sorted.length} operations by the age of their newest count`,
    (at) => {
      chartHost.mark(at);
      const operation = sorted[at] as OperationAge;
      readout.replaceChildren(
        bdi(operation.label),
        `: ${dateText(operation.last)}, ${ageText(operation.days)} old${usualText(operation)}.`,
      );
    },
  );
  const paint = (width: number): void => {
    const points = sorted.map(({ days, isOverdue }) => ({ days: Math.max(1, days), isOverdue }));
    const { svg, place } = charts.dots(points, { width, span, withAxis });
    chartHost.draw(svg, () => points.map((_, at) => place(at)));
  };
  observeWidth(chartHost.host, paint);
  return element(
    'div',
    { class: 'status-row' },
    element(
      'p',
      {},
      element('strong', {}, bdi(status)),
      ` ${numberText(sorted.length)}, ${numberText(overdue)} overdue`,
    ),
    chartHost.host,
  );
}

const usualText = ({ usual, isOverdue }: OperationAge): string =>
  usual === null
    ? ', counted once'
    : `, usually every ${numberText(usual)} days${isOverdue ? ': overdue' : ''}`;
