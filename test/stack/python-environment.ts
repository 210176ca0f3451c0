// The Pythons of the stack tests: virtual environments with the packages of a list, built when first needed. Each is built under a
// temporary name and renamed when it is complete, so an incomplete one is never used.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../setting.ts';

const run = promisify(execFile);

/** Lists of packages beside this file. Ministack and checkov need different versions of botocore. */
type Requirements = 'requirements.txt' | 'validators.txt';

export const CACHE = join(ROOT, '.cache');

/** Environment for child processes: without the developer's AWS, DTM, Python and proxy settings, and with this Node first. */
export function childEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(DTM|AWS_|PYTHON|NODE_)|proxy$/i.test(name),
  );
  const path = `${join(process.execPath, '..')}:${process.env.PATH ?? ''}`;
  return { ...(Object.fromEntries(inherited) as Record<string, string>), PATH: path, ...extra };
}

/** Path of an environment's Python. Builds the environment if it is missing. @throws {Error} if the build fails */
export async function stackPython(requirements: Requirements = 'requirements.txt'): Promise<string> {
  const version = await python('python3', '--version');
  const list = join(import.meta.dirname, requirements);
  const key = createHash('sha256')
    .update(version)
    .update(await readFile(list));
  const folder = join(CACHE, `stack-${key.digest('hex').slice(0, 16)}`);
  const executable = join(folder, 'bin/python');
  if (!existsSync(executable)) await build(folder, list);
  return executable;
}

/** Builds the environment under a temporary name. If two processes build it, the first one to finish wins. */
async function build(folder: string, list: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const temporary = `${folder}.${process.pid}.part`;
  try {
    await python('python3', '-m', 'venv', temporary);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
    await python(join(temporary, 'bin/python'), ...pip, '--only-binary', ':all:', '--requirement', list);
    await rename(temporary, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function python(executable: string, ...args: string[]): Promise<string> {
  try {
    return (await run(executable, args, { env: childEnvironment() })).stdout;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Error('python3 is not on the PATH: the tests of the stack need Python 3.10 or newer', {
        cause,
      });
    throw new Error(`the Python environment of the stack's tests could not be made: ${cause}`, { cause });
  }
}
