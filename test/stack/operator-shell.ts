// The shell of an operator: a copy of the checkout, in which `aws`, `npx` and `npm` work as they do on an operator's
// machine, but on a server that speaks AWS's protocols.
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../setting.ts';
import { childEnvironment, stackPython } from './python-environment.ts';
import type { Aws } from './start-ministack.ts';

/** What a deployment reads of the checkout. */
const SOURCES = ['functions', 'infra', 'lib', 'dist', 'serverless.yml', 'package.json', 'tsconfig.json'];

export interface Shell {
  /** The copy of the checkout. */
  readonly folder: string;
  /**
   * Runs commands in bash and returns what they print. Variables and functions are kept for the next commands, as in a
   * shell that stays open. Stops at the first error.
   * @throws {Error} with the output
   */
  run(script: string): Promise<string>;
}

/** Opens a shell in a copy of the checkout below `parent`, with these variables. */
export async function openShell(
  aws: Aws,
  parent: string,
  variables: Readonly<Record<string, string>>,
): Promise<Shell> {
  const [folder, bin] = [join(parent, 'checkout'), join(parent, 'bin')];
  await mkdir(bin, { recursive: true });
  for (const name of SOURCES) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const node = process.execPath;
  const commands = {
    // Version 1, which packages are made of, reads AWS_ENDPOINT_URL not for every service, and not AWS_REGION.
    aws: `AWS_DEFAULT_REGION=$AWS_REGION exec ${await stackPython()} -m awscli --endpoint-url ${aws.endpoint} "$@"`,
    npx: [
      'name=$1; shift',
      'case $name in',
      `  osls) exec ${node} node_modules/osls/bin/serverless.js "$@" ;;`,
      `  dtm-exporter) exec ${node} ${join(ROOT, 'lib/cli/main.ts')} "$@" ;;`,
      'esac; exit 127',
    ].join('\n'),
    npm: 'test "$*" = ci',
  };
  for (const [name, script] of Object.entries(commands))
    await writeFile(join(bin, name), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
  const inherited = childEnvironment({ ...aws.environment, ...variables, NO_COLOR: '1' });
  const env = { ...inherited, PATH: `${bin}:${inherited.PATH}` };
  const state = join(parent, 'state.sh');
  await writeFile(state, '');
  const run = (script: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const keep = `{ export -p; declare -f; } > ${state}`;
      const args = ['-c', `set -euo pipefail; source ${state}; set -a\n${script}\n${keep}`];
      execFile('bash', args, { cwd: folder, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
        error
          ? reject(new Error(`${script}\n${stdout}${stderr}`, { cause: error }))
          : resolve(stdout + stderr),
      );
    });
  return { folder, run };
}

/** A block of commands that a page shows, with the heading above it. */
export interface Block {
  readonly heading: string;
  readonly script: string;
}

/** All blocks of shell commands of a page, in order. */
export async function shellBlocks(page: string): Promise<Block[]> {
  const text = await readFile(join(ROOT, page), 'utf8');
  const blocks: Block[] = [];
  let heading = '';
  for (const [, title, script] of text.matchAll(/^#+ (.*)$|^```sh\n([\s\S]*?)^```$/gm)) {
    if (title !== undefined) heading = title;
    else if (script !== undefined) blocks.push({ heading, script });
  }
  return blocks;
}
