// Lines that cannot be seen because they lie on another one: the API sends some counts as a baseline and as a site assessment.
import type { ChartSeries } from '../../charts/country-chart-data.ts';
import { isolate } from '../elements/element.ts';
import { labelOf } from './words.ts';

/** A sentence for each line of which every figure is also a figure of another line at the same date. */
export function overlapWords(series: readonly ChartSeries[]): string[] {
  const hidden = new Set<ChartSeries>();
  return series.flatMap((one) => {
    const other = series.find((each) => each !== one && !hidden.has(each) && covers(each, one));
    if (!other) return [];
    hidden.add(one);
    const names = [one, other].map((each) => isolate(labelOf(each)));
    return [`The line of ${names[0]} lies on that of ${names[1]}: the same figures at the same dates.`];
  });
}

function covers(other: ChartSeries, one: ChartSeries): boolean {
  const points = new Set(other.counts.map(([date, , , idps]) => `${date} ${idps}`));
  const figures = one.counts.filter(([, , , idps]) => idps !== null);
  return figures.length > 0 && figures.every(([date, , , idps]) => points.has(`${date} ${idps}`));
}
