// The view of one country: its operations as one chart or as panels, every count as a table, and the areas over time.
import { downloadBar } from '../elements/download-bar.ts';
import { bdi, element, notice } from '../elements/element.ts';
import { numberText } from '../locale.ts';
import { countryAreas } from './areas/areas.ts';
import { type Choice, type CountryContext, type Entry, hasPanels, sameArea, seriesOf } from './context.ts';
import { countDetails } from './detail.ts';
import { historyTable } from './history.ts';
import { countryLines } from './lines.ts';
import type { ChartName } from './link.ts';
import { panels } from './panels.ts';
import { countryFiles } from './take/files.ts';
import { areaShown, linesShown, panelsShown } from './take/shown.ts';
import { labelOf } from './words.ts';

export interface ViewOptions {
  readonly choice: Choice;
  /** Sentences about what a link names and this release does not have. */
  readonly notices: readonly string[];
  readonly onChoice: (choice: Choice, entry: Entry) => void;
  /** The address of a chart. */
  readonly linkTo: (choice: Choice, chart: ChartName) => string;
}

/** Creates the view of a country. */
export function countryView(context: CountryContext, options: ViewOptions): HTMLElement {
  let { choice } = options;
  const parts = createParts(context, {
    choose: (part, entry) => {
      const { series = choice.series } = part;
      const isOther = series !== choice.series;
      const kept = isOther ? { count: null, area: sameArea(context, choice, series) } : {};
      choice = { ...choice, ...kept, ...part };
      update();
      if (entry !== null) options.onChoice(choice, entry);
    },
    bar: (chart) => {
      const link = (): string => options.linkTo(choice, chart);
      return downloadBar({
        label: CHARTS[chart].label,
        shown: () => CHARTS[chart].shown(context, choice, link()),
        link,
      });
    },
  });
  const update = (): void => {
    for (const part of parts.updates) part(choice);
  };
  update();
  return element(
    'div',
    { class: 'country', 'data-country': context.picture.country },
    ...options.notices.map((text) => notice(text)),
    ...parts.nodes,
  );
}

const CHARTS = {
  panels: { label: 'the charts of all operations', shown: panelsShown },
  lines: { label: 'the chart', shown: linesShown },
  area: { label: 'the chart of the area', shown: areaShown },
} as const;

interface PartCalls {
  readonly choose: (part: Partial<Choice>, entry: Entry | null) => void;
  readonly bar: (chart: ChartName) => HTMLElement;
}

interface Parts {
  readonly nodes: readonly HTMLElement[];
  readonly updates: readonly ((choice: Choice) => void)[];
}

function createParts(context: CountryContext, { choose, bar }: PartCalls): Parts {
  const chart = countryLines(context, {
    onSeries: (series) => choose({ series }, 'push'),
    onCount: (count) => choose({ count }, null),
  });
  const areas = countryAreas(context, {
    onArea: (area) => choose({ area }, 'replace'),
    onWithCountry: (withCountry) => choose({ withCountry }, 'replace'),
  });
  areas.foot.append(bar('area'));
  const large = largeTitle(context);
  const details = element('div', { class: 'details-of-series' });
  const showDetails = onNewSeries((choice) =>
    details.replaceChildren(...countDetails(seriesOf(context, choice))),
  );
  const grid = hasPanels(context)
    ? panels(context, {
        onSeries: (series) => {
          choose({ series }, 'push');
          large.node.scrollIntoView({ block: 'start' });
        },
        onScales: (ownScales) => choose({ ownScales }, 'replace'),
      })
    : null;
  const gridNodes = grid ? [grid.node, bar('panels'), large.node] : [];
  return {
    nodes: [
      ...head(context),
      ...gridNodes,
      chart.node,
      bar('lines'),
      historyTable(context.series),
      countryFiles(context.picture.country),
      details,
      areas.node,
    ],
    updates: [...(grid ? [grid.update] : []), large.update, chart.update, showDetails, areas.update],
  };
}

/** Calls `show` if another series is chosen. */
function onNewSeries(show: (choice: Choice) => void): (choice: Choice) => void {
  let last: number | undefined;
  return (choice) => {
    if (last === choice.series) return;
    last = choice.series;
    show(choice);
  };
}

function largeTitle(context: CountryContext) {
  const name = bdi('');
  const node = element('h4', { class: 'large-title' }, name);
  const update = (choice: Choice): void => {
    name.textContent = labelOf(seriesOf(context, choice));
  };
  return { node, update };
}

function head({ picture, series }: CountryContext): HTMLElement[] {
  const parts = [
    element('h3', {}, bdi(picture.name), ' ', element('span', { class: 'code' }, picture.country)),
    series.length > 1
      ? element(
          'p',
          { class: 'never' },
          `${numberText(series.length)} lines that must not be added: they count the same people in different ways.`,
        )
      : null,
  ];
  return parts.filter((part) => part !== null);
}
