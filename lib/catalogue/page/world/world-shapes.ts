// The shapes of the map of the world, which `shapes/build-shapes.ts` makes and `browser/world/` draws.

/** A place on the map, in units of its width and height. */
export type MapPoint = readonly [x: number, y: number];

/** Paths in the syntax of SVG's attribute `d`, in units of `width` and `height`. */
export interface WorldShapes {
  readonly width: number;
  readonly height: number;
  readonly land: string;
  /** Borders between two countries that have ISO codes. */
  readonly borders: string;
  /** Borders of areas without a settled status. */
  readonly unsettled: string;
  /** A point inside each country, by ISO 3166-1 alpha-3 code. */
  readonly points: Readonly<Record<string, MapPoint>>;
}
