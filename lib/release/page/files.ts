/** The page's pictures: scripts with a country's figures. */
export const PICTURE = /^assets\/picture-/;

/** The files below `assets/` that a page names: all that it loads. */
export function pageFiles(page: Uint8Array): string[] {
  const named = Buffer.from(page)
    .toString('utf8')
    .matchAll(/assets\/[\w.-]+/g);
  return [...new Set([...named].map(([path]) => path))];
}
