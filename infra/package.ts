// Bundles each function with its imports into one zip. The same sources give the same bytes: names, order, times and
// modes are fixed. osls calls this before it packages. `npm run package` prints the size of each zip and the import time
// of its bundle, which is most of a cold start.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build, type OutputFile, type Plugin } from 'esbuild';
import { type ZipOptions, type Zippable, zipSync } from 'fflate';
import { BROWSER_FILES } from '../lib/catalogue/page/assets.ts';
import { buildPage } from '../lib/catalogue/page/build.ts';

const ROOT = resolve(import.meta.dirname, '..');

export const FUNCTIONS = ['plan', 'fetch', 'publish', 'refresh', 'repoint', 'notify'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

/** Maximum bytes of each zip. Lambda loads it at a cold start. */
export const BUDGETS: Readonly<Record<FunctionName, number>> = {
  plan: 600_000,
  fetch: 600_000,
  publish: 4_000_000,
  refresh: 600_000,
  repoint: 600_000,
  notify: 600_000,
};

/** Files that are put beside the bundle and read from there: parquet-wasm's binary, and the scripts of the page. */
const EXTRA_FILES: Readonly<Partial<Record<FunctionName, readonly string[]>>> = {
  publish: [
    createRequire(import.meta.url)
      .resolve('parquet-wasm/node')
      .replace(/[^/]+$/, 'parquet_wasm_bg.wasm'),
    ...BROWSER_FILES.map((name) => join(ROOT, 'dist/catalogue/page/browser', name)),
  ],
};

/** Defines `require` and `__dirname` for CommonJS dependencies, because an ES module has neither. */
const COMMON_JS_BANNER =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url),__dirname=import.meta.dirname;";

/** An empty source map. It is added to each file of a dependency, so the bundle's source map covers only our own code. */
const EMPTY_SOURCE_MAP = `\n//# sourceMappingURL=data:application/json;base64,${btoa('{"version":3,"sources":[""],"mappings":"AAAA"}')}`;

/** The changes to dependencies while they are bundled. */
const PATCH_DEPENDENCIES: Plugin = {
  name: 'dependencies',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/node_modules\/.*\.[cm]?js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      // parquetjs-lite's generated code assigns to undeclared variables. This is an error in an ES module.
      const isGenerated = path.includes('/parquetjs-lite/gen-nodejs/');
      const declared = isGenerated ? source.replaceAll(/^(?=\w+ = module\.exports)/gm, 'var ') : source;
      return { contents: declared + EMPTY_SOURCE_MAP, loader: 'default' };
    }),
};

/** Zip: times are local and start in 1980. The mode in the upper 16 bits makes the file readable for Lambda's user. */
const entryOptions = (): ZipOptions =>
  ({ mtime: new Date(1980, 0, 1), os: 3, attrs: 0o100644 << 16, level: 9 }) as const;

export interface PackagedFunction {
  readonly name: FunctionName;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Packages all functions into `folder`, relative to the root of the project. @throws {Error} if a zip is over its budget */
export async function packageAll(folder: string): Promise<PackagedFunction[]> {
  await buildPage();
  const bundles = await bundleAll();
  const packaged: PackagedFunction[] = [];
  for (const name of FUNCTIONS)
    packaged.push(
      await packageFunction(name, {
        folder: resolve(ROOT, folder),
        bundle: bundles.filter(({ path }) => dirname(path) === bundleFolder(name)),
      }),
    );
  return packaged;
}

/** Where esbuild would write the bundle of a function. Its source map has paths relative to it. */
const bundleFolder = (name: FunctionName): string => join(ROOT, '.package', name);

/** Bundles all functions in one run, which parses each source once. */
async function bundleAll(): Promise<OutputFile[]> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: FUNCTIONS.map((name) => ({
      in: `functions/${name}.ts`,
      out: join(bundleFolder(name), name),
    })),
    outdir: ROOT,
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    // The log and the state machine use the names of error classes.
    keepNames: true,
    sourcemap: 'linked',
    sourcesContent: false,
    banner: { js: COMMON_JS_BANNER },
    plugins: [PATCH_DEPENDENCIES],
    logLevel: 'warning',
  });
  return outputFiles;
}

/** Writes the files of a function into a folder below `folder`, and its zip beside that folder. */
async function packageFunction(
  name: FunctionName,
  { folder, bundle }: { folder: string; bundle: readonly OutputFile[] },
): Promise<PackagedFunction> {
  const zip = zipSync(await writeFiles(name, { folder: join(folder, name), bundle }));
  if (zip.length > BUDGETS[name])
    throw new Error(`${name}.zip: expected at most ${BUDGETS[name]} bytes, got ${zip.length}`);
  const path = join(folder, `${name}.zip`);
  await writeFile(path, zip);
  return { name, path, bytes: zip.length, sha256: createHash('sha256').update(zip).digest('hex') };
}

/** Writes the files of a function into `folder` and returns them as zip entries. */
async function writeFiles(
  name: FunctionName,
  { folder, bundle }: { folder: string; bundle: readonly OutputFile[] },
): Promise<Zippable> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const outputs = bundle.map(({ path, contents }) => [path, contents] as const);
  for (const path of EXTRA_FILES[name] ?? []) outputs.push([path, await readFile(path)]);
  const files: Zippable = {};
  for (const [path, bytes] of outputs.sort(([a], [b]) => (a < b ? -1 : 1))) {
    const file = basename(path);
    await writeFile(join(folder, file), bytes);
    files[file] = [bytes, entryOptions()];
  }
  return files;
}

const run = promisify(execFile);

/** Milliseconds to import a packaged function in a new process: the fastest of `tries` attempts. */
async function importTime({ name, path }: PackagedFunction, tries = 5): Promise<number> {
  const url = pathToFileURL(join(path, '..', name, `${name}.mjs`)).href;
  const program = `const from = performance.now(); await import('${url}'); console.log(performance.now() - from)`;
  let fastest = Number.POSITIVE_INFINITY;
  for (let at = 0; at < tries; at++) {
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program]).catch(
      (error) => {
        // Node prints the failing line, which is the whole bundle. Keep the error message only.
        throw new Error(`${name}.mjs cannot be imported: ${/^\w*Error: .*$/m.exec(error.stderr)?.[0]}`);
      },
    );
    fastest = Math.min(fastest, Number(stdout));
  }
  return fastest;
}

if (import.meta.main)
  for (const packaged of await packageAll('.package')) {
    const [kilobytes, milliseconds] = [
      Math.ceil(packaged.bytes / 1000),
      Math.round(await importTime(packaged)),
    ];
    const columns = [
      packaged.name.padEnd(8),
      `${kilobytes} KB`.padStart(8),
      `${milliseconds} ms`.padStart(7),
    ];
    process.stdout.write(`${columns.join(' ')}  ${packaged.sha256}\n`);
  }
