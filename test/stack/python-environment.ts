// The Pythons of the stack tests: virtual environments with the packages of a list, built when first needed.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder } from '../cache.ts';

const run = promisify(execFile);

/** Lists of packages beside this file. Ministack and checkov need different versions of botocore. */
type Requirements = 'requirements.txt' | 'validators.txt';

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
  const folder = await cachedFolder(`stack-${key.digest('hex').slice(0, 16)}`, async (part) => {
    await python('python3', '-m', 'venv', part);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
    await python(join(part, 'bin/python'), ...pip, '--only-binary', ':all:', '--requirement', list);
  });
  return join(folder, 'bin/python');
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
