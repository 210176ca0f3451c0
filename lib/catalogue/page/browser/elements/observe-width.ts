/** Calls `paint` with an element's width in pixels, at once and after each change. */
export function observeWidth(host: HTMLElement, paint: (width: number) => void): void {
  let lastWidth = 0;
  new ResizeObserver(() => {
    const width = Math.floor(host.clientWidth);
    if (width === 0 || width === lastWidth) return;
    lastWidth = width;
    paint(width);
  }).observe(host);
}
