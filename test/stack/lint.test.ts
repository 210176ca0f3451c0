// Runs cfn-lint on the compiled template, private and public.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { compile } from '../infra/compile-template.ts';
import { temporaryFolder } from '../setting.ts';
import { childEnvironment, stackPython } from './python-environment.ts';

interface Finding {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
}

/** W3005: osls names the role of a function twice, which is harmless. */
const IGNORED = ['W3005'];

/** Findings of cfn-lint. Its exit status is not 0 if there are findings, so it is ignored. */
async function lint(template: string): Promise<Finding[]> {
  const python = await stackPython();
  return new Promise((resolve, reject) => {
    const args = [
      '-c',
      'from cfnlint.runner import main; main()',
      '--format',
      'json',
      '--template',
      template,
    ];
    execFile(python, args, { env: childEnvironment(), maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      stdout.trim().startsWith('[') ? resolve(JSON.parse(stdout)) : reject(error ?? new Error(stderr)),
    );
  });
}

for (const parameters of [
  {},
  {
    visibility: 'public',
    licence: 'CC BY 4.0',
    alarmEmail: 'ops@example.org',
    keepNewest: '12',
    concurrency: '8',
  },
])
  test(`cfn-lint finds no problem with parameters ${JSON.stringify(parameters)}`, async (t) => {
    const folder = await temporaryFolder(t);
    await compile(folder, parameters);
    const findings = await lint(join(folder, 'out/cloudformation-template-update-stack.json'));
    assert.ok(findings.length > 0, 'cfn-lint reports the duplicate role of osls');
    const problems = findings.filter(({ Rule }) => !IGNORED.includes(Rule.Id));
    assert.deepEqual(
      problems.map(({ Rule, Message }) => `${Rule.Id} ${Message}`),
      [],
    );
  });
