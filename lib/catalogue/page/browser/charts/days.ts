/** The first and the last day of the points of all lines. */
export function daySpan(
  series: readonly { readonly points: readonly { readonly date: Date }[] }[],
): [Date, Date] {
  const times = series.flatMap(({ points }) => points.map(({ date }) => date.getTime()));
  return [new Date(Math.min(...times)), new Date(Math.max(...times))];
}
