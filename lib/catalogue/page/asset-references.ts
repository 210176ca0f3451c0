/** The page's pictures: scripts with a country's figures. */
export const CHART_SCRIPT = /^assets\/picture-/;

/** A file that a page names, in quotes, as text from outside never is; its name is made of its content. */
const ASSET_REFERENCE = /(?<!\\)"(assets\/[\w.-]+-[0-9a-f]{16}\.\w+)"/g;

/** The files below `assets/` that a page names: all that it loads. */
export function pageFiles(page: Uint8Array): string[] {
  const named = Buffer.from(page).toString('utf8').matchAll(ASSET_REFERENCE);
  return [...new Set([...named].map(([, path]) => path as string))];
}
