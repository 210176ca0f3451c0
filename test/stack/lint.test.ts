// cfn-lint's word on the compiled template, private and public.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { compile } from '../infra/compile-template.ts';
import { temporaryFolder } from '../setting.ts';
import { childEnvironment, stackPython } from './python.ts';

interface Finding {
  readonly Rule: { readonly Id: string };
  readonly Message: string;
}

/** W3005: osls names the role of a function twice, which does no harm. */
const IGNORED = ['W3005'];

/** What cfn-lint finds; it exits with another status than 0 if that is anything. */
async function lint(template: string): Promise<Finding[]> {
  const python = await stackPython();
  return new Promise((found, fail) => {
    const words = [
      '-c',
      'from cfnlint.runner import main; main()',
      '--format',
      'json',
      '--template',
      template,
    ];
    execFile(python, words, { env: childEnvironment(), maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      stdout.trim().startsWith('[') ? found(JSON.parse(stdout)) : fail(error ?? new Error(stderr)),
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
  test(`cfn-lint has nothing to say: ${JSON.stringify(parameters)}`, async (t) => {
    const folder = await temporaryFolder(t);
    await compile(folder, parameters);
    const findings = await lint(join(folder, 'out/cloudformation-template-update-stack.json'));
    assert.ok(findings.length > 0, 'it finds what osls says twice');
    const grave = findings.filter(({ Rule }) => !IGNORED.includes(Rule.Id));
    assert.deepEqual(
      grave.map(({ Rule, Message }) => `${Rule.Id} ${Message}`),
      [],
    );
  });
