// The colours of pictures that leave the page. These are the light colours of style/base.css: a picture is light on every page.

/** Colours of lines, in the order of `--line-0` and the following. */
export const LINE_COLORS = [
  ...['#0a6b94', '#b3480b', '#17754c', '#7a4bb0'],
  ...['#a81f5b', '#6b6300', '#33568f', '#7d4a2d'],
] as const;

export const ACCENT = '#0a5f80';
export const LAND = '#e3e9ed';
export const INK = '#17232d';
export const SOFT = '#51606c';
export const PAPER = '#ffffff';
export const WARN = '#ffd84d';
export const WARN_INK = '#241c00';
