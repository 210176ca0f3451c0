// Installs missing Debian packages for the tests, if the user has the permission.
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A command and the packages that it needs. */
export interface DebianCommand {
  readonly command: string;
  readonly packages: readonly string[];
}

/** Files of tests run at the same time, but a second `apt-get` fails at once. The lock ends with the process that holds it. */
const LOCK = join(tmpdir(), 'dtm-exporter-apt.lock');

/** Tries three times: a mirror may be busy, and another `apt-get` of the machine has locks of its own. */
const SCRIPT = `
apt='apt-get --yes --quiet=2 -o DPkg::Lock::Timeout=300'
for wait in 10 30 0; do
  $apt update && $apt install --no-install-recommends "$@" && exit
  sleep $wait
done
exit 1`;

/** Installs the missing packages. @throws {Error} with their names if that fails */
export async function ensureDebian({ command, packages }: DebianCommand): Promise<void> {
  const missing = await findMissing(packages);
  if (missing.length === 0) return;
  process.stderr.write(`installing ${missing.join(', ')} for ${command} (once)\n`);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, maxBuffer: 1 << 26 };
  try {
    await run('flock', [LOCK, 'bash', '-c', SCRIPT, 'bash', ...missing], options);
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
