// Installs missing Debian packages for the tests, if the user has the permission.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A command and the packages that it needs. */
export interface DebianCommand {
  readonly command: string;
  readonly packages: readonly string[];
}

/** Installs the missing packages. @throws {Error} with their names if that fails */
export async function ensureDebian({ command, packages }: DebianCommand): Promise<void> {
  const missing = await findMissing(packages);
  if (missing.length === 0) return;
  process.stderr.write(`interop: installing ${missing.join(', ')} for ${command} (once)\n`);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, maxBuffer: 1 << 26 };
  try {
    await run('apt-get', ['update', '--quiet=2'], options);
    // Test files run at the same time, but apt-get has only one lock.
    const wait = ['-o', 'DPkg::Lock::Timeout=300'];
    await run(
      'apt-get',
      ['install', '--yes', '--quiet=2', '--no-install-recommends', ...wait, ...missing],
      options,
    );
  } catch (cause) {
    throw new Error(
      `${command} is not here and could not be installed: apt-get install ${missing.join(' ')}`,
      { cause },
    );
  }
}

async function findMissing(packages: readonly string[]): Promise<string[]> {
  const installed = await Promise.all(
    packages.map(async (name) => {
      const query = run('dpkg-query', ['--show', '--showformat=$' + '{db:Status-Status}', name]);
      return (await query.catch(() => ({ stdout: '' }))).stdout === 'installed';
    }),
  );
  return packages.filter((_, at) => !installed[at]);
}
