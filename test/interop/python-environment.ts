// The Python of the tests: a virtual environment with the official client and the readers, built when first needed.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Path of a script beside this file. */
export const script = (name: string): string => join(import.meta.dirname, name);

/** Environment for child processes: without the developer's keys, licence and addresses, and without a proxy for loopback. */
export function childEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(DTM|AWS_|PYTHON|NODE_)/.test(name));
  return { ...Object.fromEntries(inherited), NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1', ...extra };
}

/** Path of an environment's Python, by the path of its requirements. Builds it if it is missing. @throws {Error} if the build fails */
export async function environmentPython(requirements = 'requirements.txt'): Promise<string> {
  const building = run('python3', [script('environment.py'), requirements], { env: childEnvironment() });
  building.child.stderr?.pipe(process.stderr);
  try {
    return (await building).stdout.trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new Error('the Python environment could not be made: see above', { cause: error });
    throw new Error('python3 is not on the PATH: the interoperability tests need Python 3.11 or newer');
  }
}

/** Runs a script of this folder with the environment's Python and parses its stdout as JSON. */
export async function pythonJson<T>(name: string, args: readonly string[]): Promise<T> {
  const python = await environmentPython();
  const { stdout } = await run(python, [script(name), ...args], {
    env: childEnvironment(),
    maxBuffer: 256 * 1024 * 1024,
  });
  return JSON.parse(stdout) as T;
}
