// What the tests need of Debian's packages, installed where it is missing and the user may.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A command, and the packages that bring it and what it needs. */
export interface Needed {
  readonly command: string;
  readonly packages: readonly string[];
}

/** Resolves when all packages are installed. @throws {Error} that names what is missing and cannot be had */
export async function ensureDebian({ command, packages }: Needed): Promise<void> {
  const missing = await missingOf(packages);
  if (missing.length === 0) return;
  process.stderr.write(`interop: installing ${missing.join(', ')} for ${command} (once)\n`);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, maxBuffer: 1 << 26 };
  try {
    await run('apt-get', ['update', '--quiet=2'], options);
    // Test files run side by side, and apt-get has one lock.
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

async function missingOf(packages: readonly string[]): Promise<string[]> {
  const installed = await Promise.all(
    packages.map(async (name) => {
      const asked = run('dpkg-query', ['--show', '--showformat=$' + '{db:Status-Status}', name]);
      return (await asked.catch(() => ({ stdout: '' }))).stdout === 'installed';
    }),
  );
  return packages.filter((_, at) => !installed[at]);
}
