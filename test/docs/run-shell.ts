// Runs the command lines of documents in a shell where `dtm-exporter` is the command of the checkout.
import { execFile } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type CommandResult, MAIN, temporaryFolder } from '../setting.ts';

/** A PATH with `dtm-exporter`, in a folder that is removed after the test. */
export async function pathWithCommand(t: TestContext): Promise<string> {
  const bin = join(await temporaryFolder(t), 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'dtm-exporter'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
  await chmod(join(bin, 'dtm-exporter'), 0o755);
  return `${bin}:/usr/local/bin:/usr/bin:/bin`;
}

interface ShellOptions {
  readonly cwd: string;
  /** Variables beside HOME, which is `cwd`, and PATH. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** The shell and its options. @default sh -c */
  readonly shell?: readonly [string, ...string[]];
}

/** Runs a script in a shell with an environment of its own, as cron does. */
export async function runShell(
  t: TestContext,
  script: string,
  { cwd, env = {}, shell = ['/bin/sh', '-c'] }: ShellOptions,
): Promise<CommandResult> {
  const [program, ...options] = shell;
  const environment = { PATH: await pathWithCommand(t), HOME: cwd, ...env };
  return new Promise((done) => {
    execFile(program, [...options, script], { cwd, env: environment }, (error, stdout, stderr) =>
      done({ exit: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}
