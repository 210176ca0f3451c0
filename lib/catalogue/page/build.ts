// `npm run build`: what the browser runs, bundled into classic scripts, which also work in a page opened from disk.
import { copyFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const from = new URL('./browser/', import.meta.url);
const to = new URL('../../../dist/catalogue/page/browser/', import.meta.url);

const path = (name: string): string => fileURLToPath(new URL(name, from));

/** Bundles what the browser runs into `dist/catalogue/page/browser/`. */
export async function buildPage(): Promise<void> {
  await mkdir(to, { recursive: true });
  await build({
    entryPoints: {
      page: path('main.ts'),
      charts: path('charts/charts.ts'),
      viewer: path('viewer/viewer.ts'),
      style: path('style.css'),
    },
    outdir: fileURLToPath(to),
    bundle: true,
    minify: true,
    format: 'iife',
    charset: 'utf8',
    legalComments: 'none',
    // Browsers of the last four years or so.
    target: ['chrome117', 'firefox115', 'safari17'],
    logLevel: 'warning',
  });
  await copyFile(new URL('icon.svg', from), new URL('icon.svg', to));
}

if (import.meta.main) await buildPage();
