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

/** Findings that are no problem. */
const IGNORED = [
  // osls names the role of a function twice, which is harmless.
  /^W3005 /,
  // A deployed template knows one visibility only, on purpose: the branches of the other cannot be reached.
  /^W1028 .* condition 'Public' to/,
  // A blank certificate is used only without a domain, and then in no resource.
  /^W1030 \{'Ref': 'Certificate'\}/,
];

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
    reserveConcurrency: 'on',
  },
  {
    visibility: 'public',
    licence: 'CC BY 4.0',
    domain: 'data.example.org',
    certificate: 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d',
    bucket: 'a-bucket',
    keyKmsKey: 'arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d',
    permissionsBoundary: 'arn:aws:iam::123456789012:policy/boundary',
    tags: 'team=data',
  },
])
  test(`cfn-lint finds no problem with parameters ${JSON.stringify(parameters)}`, async (t) => {
    const folder = await temporaryFolder(t);
    await compile(folder, parameters);
    const findings = await lint(join(folder, 'out/cloudformation-template-update-stack.json'));
    assert.ok(findings.length > 0, 'cfn-lint reports the duplicate role of osls');
    const words = findings.map(({ Rule, Message }) => `${Rule.Id} ${Message}`);
    assert.deepEqual(
      words.filter((finding) => !IGNORED.some((pattern) => pattern.test(finding))),
      [],
    );
  });
