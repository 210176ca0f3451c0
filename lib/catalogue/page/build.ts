// Part of `npm run build`: bundles the browser code into classic scripts. Modules would not load in a page opened from disk.
import { copyFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildShapes } from './world/shapes/build-shapes.ts';

const sourceFolder = new URL('./browser/', import.meta.url);
const targetFolder = new URL('../../../dist/catalogue/page/browser/', import.meta.url);

const sourcePath = (name: string): string => fileURLToPath(new URL(name, sourceFolder));

/** Bundles scripts and styles into `dist/catalogue/page/browser/`. */
export async function buildPage(): Promise<void> {
  await mkdir(targetFolder, { recursive: true });
  await build({
    entryPoints: {
      page: sourcePath('main.ts'),
      charts: sourcePath('charts/charts.ts'),
      country: sourcePath('country/country.ts'),
      map: sourcePath('world/map.ts'),
      viewer: sourcePath('viewer/viewer.ts'),
      style: sourcePath('style.css'),
    },
    outdir: fileURLToPath(targetFolder),
    bundle: true,
    minify: true,
    format: 'iife',
    charset: 'utf8',
    legalComments: 'none',
    // Browsers since 2023.
    target: ['chrome117', 'firefox115', 'safari17'],
    define: { WORLD_SHAPES: JSON.stringify(await buildShapes()) },
    logLevel: 'warning',
  });
  await copyFile(new URL('icon.svg', sourceFolder), new URL('icon.svg', targetFolder));
}

if (import.meta.main) await buildPage();
