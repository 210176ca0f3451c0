/** Paths of the chart scripts: each holds the figures of one country. */
export const CHART_SCRIPT = /^assets\/picture-/;

/** A path in quotes with a content hash in its name. In text from outside, quotes are escaped, so it cannot match. */
const ASSET_REFERENCE = /(?<!\\)"(assets\/[\w.-]+-[0-9a-f]{16}\.\w+)"/g;

/** Paths of all files that a page loads; all of them are below `assets/`. */
export function pageFiles(page: Uint8Array): string[] {
  const named = Buffer.from(page).toString('utf8').matchAll(ASSET_REFERENCE);
  return [...new Set([...named].map(([, path]) => path as string))];
}
