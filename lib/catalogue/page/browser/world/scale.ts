// The scale of the map's circles: their area is proportional to the number of people.

export interface CircleScale {
  readonly greatest: number;
  /** Radius in pixels. Figures below `smallest` have the radius of `smallest`, so that they stay visible. */
  radius(idps: number): number;
  readonly smallest: number;
}

const MIN_RADIUS = 2.5;
/** Radius of the greatest figure, as a part of the map's width, and its limits in pixels. */
const [SHARE, LEAST, MOST] = [0.043, 15, 42];

/** The scale of a map of so many pixels. */
export function scaleFor(greatest: number, width: number): CircleScale {
  const most = Math.min(MOST, Math.max(LEAST, SHARE * width));
  return {
    greatest,
    radius: (idps) => Math.max(MIN_RADIUS, most * Math.sqrt(idps / greatest)),
    smallest: greatest * (MIN_RADIUS / most) ** 2,
  };
}

/** Up to three round figures for the legend, the greatest first: each about a tenth of the one before. */
export function roundFigures(greatest: number): number[] {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, greatest)));
  const first = power * (greatest >= 5 * power ? 5 : greatest >= 2 * power ? 2 : 1);
  return [first, first / 5, first / 50].filter((figure) => figure >= 1 && Number.isInteger(figure));
}
