// The files of docs/schedule.md, checked by the tools that know them: systemd's, GitHub's workflows, and containers.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fenced } from '../docs/fenced.ts';
import { ensureDebian } from '../ensure-debian.ts';
import { goProgram } from '../go-program.ts';
import { MAIN, ROOT, temporaryFolder } from '../setting.ts';
import { childEnvironment, environmentPython } from './python-environment.ts';

const PAGE = 'docs/schedule.md';
const ACTIONLINT = { module: 'github.com/rhysd/actionlint/cmd/actionlint', version: 'v1.7.12' };

/** Runs a program and returns what it printed and its exit status. */
async function runTool(
  program: string,
  args: readonly string[],
  path = '',
): Promise<{ exit: number; said: string }> {
  const env = childEnvironment({ PATH: `${path}:${process.env.PATH}` });
  return new Promise((done) => {
    execFile(program, args, { env }, (error, stdout, stderr) =>
      done({ exit: error ? Number(error.code ?? -1) : 0, said: stdout + stderr }),
    );
  });
}

/** A file with these bytes in a temporary folder. */
async function fileOf(t: TestContext, name: string, content: string): Promise<string> {
  const file = join(await temporaryFolder(t), name);
  await writeFile(file, content);
  return file;
}

test('systemd accepts the units, and finds the next time of the timer', async (t) => {
  await ensureDebian({ command: 'systemd-analyze', packages: ['systemd'] });
  const folder = await temporaryFolder(t);
  const program = join(folder, 'dtm-exporter');
  await writeFile(program, `#!/bin/sh\nexec node '${MAIN}' "$@"\n`, { mode: 0o755 });
  const page = await readFile(join(ROOT, PAGE), 'utf8');
  const units = [
    ...page.matchAll(/`\/etc\/systemd\/system\/([^`]+)`(?:(?!```)[\s\S])*```systemd\n([\s\S]*?)^```$/gm),
  ];
  assert.equal(units.length, 4);
  const paths: string[] = [];
  for (const [, name = '', unit = ''] of units) {
    paths.push(join(folder, name.replace('@.', '@x.')));
    const here = unit
      .replaceAll('/usr/local/bin/dtm-exporter', program)
      .replaceAll('dtm-alert@%n', 'dtm-alert@x');
    await writeFile(paths.at(-1) as string, here);
  }
  assert.deepEqual(await runTool('systemd-analyze', ['verify', ...paths]), { exit: 0, said: '' });
  await writeFile(paths[0] as string, '[Service]\nType=oneshot\nExecStrat=/bin/true\n');
  assert.match((await runTool('systemd-analyze', ['verify', paths[0] as string])).said, /ExecStrat/);
  const [, time = ''] = /^OnCalendar=(.*)$/m.exec(page) ?? [];
  assert.match((await runTool('systemd-analyze', ['calendar', time])).said, /Next elapse: .* 05:17:00 UTC/);
});

test('actionlint and shellcheck accept the workflow', async (t) => {
  const actionlint = await goProgram(ACTIONLINT.module, ACTIONLINT.version);
  if (actionlint === null) return t.skip('there is no Go to build actionlint');
  const programs = dirname(await environmentPython('requirements-lint.txt'));
  const workflow = await fenced(PAGE, 'yaml');
  const good = await fileOf(t, 'export.yml', workflow);
  assert.deepEqual(await runTool(actionlint, ['-no-color', good], programs), { exit: 0, said: '' });
  const bad = await fileOf(
    t,
    'bad.yml',
    workflow.replace('secrets.S3', 'secret.S3').replace('"$DTM_DESTINATION"', '$DTM_DESTINATION'),
  );
  const { exit, said } = await runTool(actionlint, ['-no-color', bad], programs);
  assert.equal(exit, 1);
  assert.match(said, /undefined variable "secret"/);
  assert.match(said, /SC2086/, 'it runs shellcheck over the script');
});

test('hadolint accepts the container file', async (t) => {
  const hadolint = join(dirname(await environmentPython('requirements-lint.txt')), 'hadolint');
  const container = await fenced(PAGE, 'dockerfile');
  const good = await fileOf(t, 'Containerfile', container);
  assert.deepEqual(await runTool(hadolint, [good]), { exit: 0, said: '' });
  const bad = await fileOf(t, 'Containerfile', container.replace(/:24-\S+/, ':latest'));
  assert.match((await runTool(hadolint, [bad])).said, /DL3007/);
});
