// Describes the machine, the versions and the commit of a measurement.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

const PYTHON = `
import json, platform
from importlib.metadata import version
names = ["dtmapi", "pandas", "pyarrow"]
print(json.dumps({"python": platform.python_version(), **{name: version(name) for name in names}}))
`;

/** Describes this machine and its load now. */
export const describeMachine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memory_gb: Math.round(totalmem() / 1e9),
  system: `${type()} ${release()}`,
  load_average: loadavg().map((value) => Number(value.toFixed(2))),
});

export type Machine = ReturnType<typeof describeMachine>;

/** Versions of the measured programs; those of Python only if `python` is set. */
export async function describeVersions(python: string | null): Promise<Record<string, string>> {
  const { stdout } = python ? await run(python, ['-c', PYTHON]) : { stdout: '{}' };
  return {
    node: process.versions.node,
    'parquet-wasm': await versionOf('parquet-wasm'),
    'apache-arrow': await versionOf('apache-arrow'),
    duckdb: await versionOf('@duckdb/node-api'),
    ...(JSON.parse(stdout) as Record<string, string>),
  };
}

async function versionOf(name: string): Promise<string> {
  const text = await readFile(join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

/** The commit, with "and changes" if files differ from it; null outside a checkout. */
export async function describeCommit(): Promise<string | null> {
  const git = async (...args: string[]): Promise<string> =>
    (await run('git', args, { cwd: ROOT })).stdout.trim();
  try {
    const changed = await git('status', '--porcelain', '--untracked-files=no');
    return `${await git('rev-parse', 'HEAD')}${changed ? ' and changes' : ''}`;
  } catch {
    return null;
  }
}
