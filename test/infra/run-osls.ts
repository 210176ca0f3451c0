// Runs osls as an operator does, without the developer's AWS configuration. Each run has its own folder, because osls
// writes to `.serverless` beside serverless.yml and two runs at once would overwrite each other.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../setting.ts';

const OSLS = join(ROOT, 'node_modules/osls/bin/serverless.js');

/** The exit status and the output of osls. */
export interface OslsResult {
  readonly exit: number;
  readonly text: string;
}

/** The `--param` options for these parameters of `infra/parameters.yml`. */
export const parameterOptions = (parameters: Readonly<Record<string, string>>): string[] =>
  Object.entries(parameters).flatMap(([name, value]) => ['--param', `${name}=${value}`]);

export interface OslsOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Content of `infra/stages/<stage>.yml`, by stage. */
  readonly stages?: Readonly<Record<string, string>>;
}

/**
 * Runs osls on the project. It sees PATH, HOME and `env`, and no other variable. The zips of the functions are written
 * to its folder too, which is removed at the end.
 */
export async function osls(
  args: readonly string[],
  { env = {}, stages = {} }: OslsOptions = {},
): Promise<OslsResult> {
  const cwd = await mkdtemp(join(tmpdir(), 'dtm-osls-'));
  try {
    // osls reads only these two of the project. It does not accept a link for serverless.yml.
    await copyFile(join(ROOT, 'serverless.yml'), join(cwd, 'serverless.yml'));
    await linkInfra(join(cwd, 'infra'), stages);
    return await run([...args, ...parameterOptions({ packages: join(cwd, 'zips') })], { cwd, env });
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

/** Links to every file of `infra/`, beside stage files of their own. */
async function linkInfra(folder: string, stages: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(join(folder, 'stages'), { recursive: true });
  for (const name of await readdir(join(ROOT, 'infra')))
    if (name !== 'stages') await symlink(join(ROOT, 'infra', name), join(folder, name));
  for (const [stage, text] of Object.entries(stages))
    await writeFile(join(folder, 'stages', `${stage}.yml`), text);
}

function run(
  args: readonly string[],
  { cwd, env }: { cwd: string; env: Readonly<Record<string, string>> },
): Promise<OslsResult> {
  const { PATH = '', HOME = '' } = process.env;
  const options = { cwd, env: { PATH, HOME, NO_COLOR: '1', ...env }, maxBuffer: 1 << 26 };
  return new Promise((done) => {
    execFile(process.execPath, [OSLS, ...args], options, (error, stdout, stderr) =>
      done({ exit: error ? Number(error.code) : 0, text: stdout + stderr }),
    );
  });
}
