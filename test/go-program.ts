// Builds Go programs for the tests, once.
import { execFile } from 'node:child_process';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { cachedFolder } from './cache.ts';

/** Path of a program, which is built when first needed; null without Go. @throws {Error} if the build fails */
export async function goProgram(module: string, version: string): Promise<string | null> {
  const name = basename(module);
  try {
    const folder = await cachedFolder(`${name}-${version}`, async (part) => {
      const env = { ...process.env, GOBIN: part };
      await promisify(execFile)('go', ['install', `${module}@${version}`], { env });
    });
    return join(folder, name);
  } catch (cause) {
    const { code, path } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' && path === 'go') return null;
    throw new Error(`${name} could not be built: ${cause}`, { cause });
  }
}
