// The Python that the stack's tests run: a virtual environment with what `requirements.txt` pins, made when first
// needed. It is built under a name of its own and renamed when it is whole, so a half-built one is never taken for it.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../setting.ts';

const run = promisify(execFile);

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');

export const CACHE = join(ROOT, '.cache');

/** The environment for a child: nothing of the developer's AWS, DTM, Python or proxy settings, and this Node first. */
export function childEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(DTM|AWS_|PYTHON|NODE_)|proxy$/i.test(name),
  );
  const path = `${join(process.execPath, '..')}:${process.env.PATH ?? ''}`;
  return { ...(Object.fromEntries(inherited) as Record<string, string>), PATH: path, ...more };
}

/** Path of the environment's Python; makes the environment if there is none. Throws when it cannot be made. */
export async function stackPython(): Promise<string> {
  const version = await python('python3', '--version');
  const key = createHash('sha256')
    .update(version)
    .update(await readFile(REQUIREMENTS));
  const whole = join(CACHE, `stack-${key.digest('hex').slice(0, 16)}`);
  const executable = join(whole, 'bin/python');
  if (!existsSync(executable)) await build(whole);
  return executable;
}

/** Builds the environment aside; of two processes that do, the first to finish gives the name. */
async function build(whole: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const part = `${whole}.${process.pid}.part`;
  try {
    await python('python3', '-m', 'venv', part);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
    await python(join(part, 'bin/python'), ...pip, '--only-binary', ':all:', '--requirement', REQUIREMENTS);
    await rename(part, whole).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

async function python(executable: string, ...words: string[]): Promise<string> {
  try {
    return (await run(executable, words, { env: childEnvironment() })).stdout;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Error('python3 is not on the PATH: the tests of the stack need Python 3.10 or newer', {
        cause,
      });
    throw new Error(`the Python environment of the stack's tests could not be made: ${cause}`, { cause });
  }
}
