// Fixtures for tests: temporary folders, the simulator, whole exports, the command line, and DuckDB to read files.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { runCommand } from '../lib/cli/program.ts';
import { DTMApi } from '../lib/dtm/client.ts';
import type { ApiVersion, Level } from '../lib/dtm/endpoints.ts';
import type { DTMApiOptions } from '../lib/dtm/options.ts';
import type { ApiContext } from '../lib/run/context.ts';
import { type ExportOptions, exportRun } from '../lib/run/export.ts';
import type { Outcome } from '../lib/run/outcome/outcome.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../lib/simulator/server.ts';
import { folderStore } from '../lib/store/folder/folder-store.ts';
import type { Store } from '../lib/store/store.ts';
import { checkSchemas } from './check-schemas.ts';

export const ROOT = resolve(import.meta.dirname, '..');
export const MAIN = join(ROOT, 'lib/cli/main.ts');

/** Creates a folder. When the test ends, its published files are checked against their schemas and it is removed. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dtm-exporter-'));
  afterTest(t, async () => {
    try {
      if (!uncheckedFolders.has(folder)) await checkSchemas(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return folder;
}

const cleanups = new WeakMap<TestContext, (() => Promise<void>)[]>();

/** Does some work when a test ends, in reverse order. A failure fails the test, but the other work is still done. */
export function afterTest(t: TestContext, work: () => Promise<void>): void {
  const existing = cleanups.get(t);
  if (existing) return void existing.push(work);
  const works = [work];
  cleanups.set(t, works);
  t.after(async () => {
    const faults: unknown[] = [];
    for (const each of works.toReversed()) await each().catch((error) => faults.push(error));
    if (faults.length > 0) throw faults[0];
  });
}

const uncheckedFolders = new Set<string>();

/** Skips the schema check of a folder: the test damages its files on purpose, or writes other files into it. */
export function skipSchemaCheck(folder: string): string {
  uncheckedFolders.add(folder);
  return folder;
}

/** Starts a simulator that is closed when the test ends. */
export async function simulator(t: TestContext, options: SimulatorOptions = {}): Promise<Simulator> {
  const started = await startSimulator({ scale: 0.004, ...options });
  afterTest(t, () => started.close());
  return started;
}

/** The folder of the recorded answers of a version. If it is missing, null and a diagnostic line. */
export function recordedFolder(t: TestContext, version: ApiVersion): string | null {
  const folder = resolve(ROOT, process.env.DTM_RECORDED ?? '../shared/recorded', version);
  if (existsSync(folder)) return folder;
  t.diagnostic(`no recorded answers at ${folder}: nothing was compared with them (set DTM_RECORDED)`);
  return null;
}

/** Enough countries for most tests: one without sexes, one with overlapping operations, one with BA and SA. */
export const THREE_COUNTRIES = ['AFG', 'SDN', 'TCD'];

export interface ExportSetting {
  readonly folder: string;
  readonly url: string;
  readonly run?: string;
  readonly store?: Store;
  readonly version?: ApiVersion;
  /** Null is all countries. @default THREE_COUNTRIES */
  readonly countries?: readonly string[] | null;
  readonly levels?: readonly Level[];
  readonly context?: Partial<ApiContext>;
  readonly api?: Partial<DTMApiOptions<ApiVersion>>;
  readonly options?: Partial<ExportOptions>;
}

/** Exports from the simulator at `url` into `folder`, in this process. */
export async function exportInto(setting: ExportSetting): Promise<Outcome> {
  const { folder, url, version = 'v3', run = '2026-11-24T05-00-00Z', countries = THREE_COUNTRIES } = setting;
  using api = new DTMApi({
    subscriptionKey: 'sample-key',
    apiVersion: version,
    baseUrl: url,
    retryDelay: 0.001,
    maxRetries: 1,
    ...setting.api,
  });
  const context: ApiContext = {
    run,
    api,
    source: { url, apiVersion: version },
    store: setting.store ?? folderStore(folder),
    terms: { licence: 'No licence: not for redistribution.', visibility: 'private', contact: null },
    publicUrl: null,
    announcer: null,
    generator: { name: 'dtm-exporter', version: '0.0.0', reading: 'test' },
    now: () => new Date(),
    onProgress: () => {},
    ...setting.context,
  };
  return exportRun(context, {
    selection: { apiVersion: version, levels: setting.levels ?? [0, 1, 2], countries },
    concurrency: 4,
    maxFailed: 10,
    maxAge: 30,
    deadline: null,
    acceptDrop: false,
    reissue: false,
    ...setting.options,
  });
}

/** The rows of a DuckDB query as JSON values: dates as `2025-06-30`, INT64 as strings. Scripts run before the query. */
export async function duckdb(sql: string, ...scripts: readonly string[]): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    for (const script of scripts) await connection.run(script);
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** A DuckDB expression that reads our CSV without guesses, and keeps an empty string apart from null. */
export const readCsv = (path: string): string =>
  `read_csv('${path}', header = true, all_varchar = true, allow_quoted_nulls = false, delim = ',', quote = '"', escape = '"', new_line = '\\n', strict_mode = true)`;

/** Reads every file below a folder, by path. Skips files that a store is still writing. */
export async function readFilesBelow(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('/.tmp'))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.sort().map(async (path) => [path, await readFile(path)] as const)));
}

export interface CommandResult {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the command line in this process, with `cwd` as its folder and `env` as its environment. It changes both for the
 * whole process, so the tests of a file must run one after the other.
 */
export async function runInThisProcess(
  args: readonly string[],
  { cwd = ROOT, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<CommandResult> {
  const [folder, environment] = [process.cwd(), process.env];
  const output = { stdout: '', stderr: '' };
  process.chdir(cwd);
  process.env = env;
  try {
    const exit = await runCommand(args, {
      result: (text) => {
        output.stdout += `${text}\n`;
      },
      note: (text) => {
        output.stderr += `${text}\n`;
      },
      screen: null,
      interrupted: new AbortController().signal,
    });
    return { exit, ...output };
  } finally {
    process.env = environment;
    process.chdir(folder);
  }
}

/** Runs the command line in a new process. Its environment is `env` and PATH. */
export function runInChildProcess(
  args: readonly string[],
  { cwd = ROOT, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<CommandResult> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      [MAIN, ...args],
      { cwd, env: { PATH: process.env.PATH ?? '', ...env }, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => done({ exit: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}
