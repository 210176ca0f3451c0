// osls as an operator runs it, with nothing of the developer's own AWS, and in a folder of its own: it keeps its work in
// `.serverless` beside serverless.yml, where two at the same time would take it from each other.
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../setting.ts';

const OSLS = join(ROOT, 'node_modules/osls/bin/serverless.js');

/** What osls said. */
export interface Said {
  readonly exit: number;
  readonly text: string;
}

/** `--param` for each parameter of `infra/parameters.yml` that is given. */
export const parameterOptions = (parameters: Readonly<Record<string, string>>): string[] =>
  Object.entries(parameters).flatMap(([name, value]) => ['--param', `${name}=${value}`]);

/**
 * Runs osls over the project; `env` is all that it sees of an environment besides PATH and HOME. The functions' zips lie
 * in that folder too, and go with it.
 */
export async function osls(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Said> {
  const cwd = await mkdtemp(join(tmpdir(), 'dtm-osls-'));
  try {
    // All that osls reads of the project; it does not take a link for the first.
    await copyFile(join(ROOT, 'serverless.yml'), join(cwd, 'serverless.yml'));
    await symlink(join(ROOT, 'infra'), join(cwd, 'infra'));
    return await run([...words, ...parameterOptions({ packages: join(cwd, 'zips') })], { cwd, env });
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

function run(
  words: readonly string[],
  { cwd, env }: { cwd: string; env: Readonly<Record<string, string>> },
): Promise<Said> {
  const { PATH = '', HOME = '' } = process.env;
  const options = { cwd, env: { PATH, HOME, NO_COLOR: '1', ...env }, maxBuffer: 1 << 26 };
  return new Promise((done) => {
    execFile(process.execPath, [OSLS, ...words], options, (error, stdout, stderr) =>
      done({ exit: error ? Number(error.code) : 0, text: stdout + stderr }),
    );
  });
}
