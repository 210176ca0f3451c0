// Checks the compiled template with validators that others wrote: cfn-lint, checkov and parliament. A finding is mended,
// or it is in a table here with the reason why it stays. A table may not explain what is not found.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { compile, type Json, statements, type Template } from '../infra/compile-template.ts';
import { policyOf } from './policy-arns.ts';
import { childEnvironment, stackPython } from './python-environment.ts';

/** Parameters under which every resource and every statement is in the template, and the defaults. */
const VARIANTS = {
  private: {},
  public: {
    visibility: 'public',
    licence: 'CC BY 4.0',
    alarmEmail: 'ops@example.org',
    keepNewest: '12',
    concurrency: '8',
    reserveConcurrency: 'on',
    secondaryKeyParameter: '/dtm/second',
  },
  organisation: {
    visibility: 'public',
    licence: 'CC BY 4.0',
    domain: 'data.example.org',
    certificate: 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d',
    bucket: 'a-bucket',
    keyKmsKey: 'arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d',
    permissionsBoundary: 'arn:aws:iam::123456789012:policy/boundary',
    tags: 'team=data',
  },
};

/** Findings of cfn-lint that stay, with its informational rules. */
const CFN_LINT: Readonly<Record<string, string>> = {
  W1028:
    'a template knows one visibility only, so that no deployment can change it: the other branches are never taken',
  W1030: 'a blank certificate is used without a domain only, and then in no resource',
  W3005: 'osls names the role of a function twice, which is harmless',
  I1022: 'osls joins the URL of its own bucket so',
  I3011: 'log groups and queues hold nothing that must outlive the stack; what must has its policy',
  I4010: 'the YAML files have comments for people; a template needs no other description',
};

/** Findings of checkov that stay. */
const CHECKOV: Readonly<Record<string, string>> = {
  CKV_AWS_18:
    'S3 access logs would hold the addresses of readers; CloudTrail can be switched on for an account',
  CKV_AWS_26:
    'what the topics say is public, or in the mail of the operator; a key would cost money and a policy',
  CKV_AWS_27: 'the queues are encrypted with the key of SQS, which checkov does not count',
  CKV_AWS_68:
    'files without a program behind them: there is nothing for a web application firewall to protect',
  CKV_AWS_86: 'access logs would hold the addresses of readers',
  CKV_AWS_115: 'a new account has no concurrency to reserve',
  CKV_AWS_116: 'the state machine and the queue see the errors of their functions; repoint has dead letters',
  CKV_AWS_117: 'the functions use public services only; a VPC would add a NAT gateway and a way to fail',
  CKV_AWS_158: 'logs hold no secrets, and CloudWatch encrypts them with its own key',
  CKV_AWS_173: 'the variables hold no secrets, and Lambda encrypts them with its own key',
  CKV_AWS_174: 'CloudFront sets the TLS version of its own certificate; a custom domain has TLS 1.2',
};

let folder: string;
const templates: { readonly file: string; readonly template: Template }[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dtm-validators-'));
  for (const [name, parameters] of Object.entries(VARIANTS)) {
    const template = await compile(join(folder, name), parameters);
    templates.push({ file: join(folder, name, 'out/cloudformation-template-update-stack.json'), template });
  }
});
after(() => rm(folder, { recursive: true, force: true }));

/** Runs a validator and parses its report. Its exit status says that there are findings, so it is ignored. */
async function runPython(...args: string[]): Promise<Json> {
  const python = await stackPython('validators.txt');
  // checkov and parliament look for settings in the home folder.
  const options = { env: childEnvironment({ HOME: folder }), maxBuffer: 1 << 28 };
  return new Promise((resolve, reject) => {
    execFile(python, args, options, (error, stdout, stderr) =>
      /^[[{]/.test(stdout) ? resolve(JSON.parse(stdout)) : reject(error ?? new Error(stderr)),
    );
  });
}

/** Checks that each finding (`ID message`) is in the table, and that each entry of the table is found. */
function assertExplained(findings: readonly string[], reasons: Readonly<Record<string, string>>): void {
  const isExplained = (finding: string): boolean => (finding.split(' ')[0] ?? '') in reasons;
  assert.deepEqual(
    findings.filter((finding) => !isExplained(finding)),
    [],
  );
  const found = new Set(findings.map((finding) => finding.split(' ')[0]));
  assert.deepEqual(
    Object.keys(reasons).filter((id) => !found.has(id)),
    [],
    'the table explains what is not found',
  );
}

test('cfn-lint, with all its rules, finds nothing that is not explained', async () => {
  const program = 'from cfnlint.runner import main; main()';
  const findings: string[] = [];
  for (const { file } of templates) {
    const options = ['--include-experimental', '--include-checks', 'I', '--format', 'json'];
    for (const { Rule, Message } of await runPython('-c', program, ...options, '--template', file))
      findings.push(`${Rule.Id} ${Message}`);
  }
  assertExplained(findings, CFN_LINT);
});

test('checkov finds nothing that is not explained', async () => {
  const findings: string[] = [];
  for (const { file } of templates) {
    const options = [
      '--skip-download',
      '--quiet',
      '--compact',
      '--framework',
      'cloudformation',
      '-o',
      'json',
    ];
    const { results, summary } = await runPython('-m', 'checkov.main', ...options, '--file', file);
    assert.ok(summary.passed > 50 && summary.parsing_errors === 0, JSON.stringify(summary));
    for (const { check_id, check_name, resource } of results.failed_checks)
      findings.push(`${check_id} ${resource}: ${check_name}`);
  }
  assertExplained(findings, CHECKOV);
});

test('parliament finds no unknown action and no action on the wrong kind of resource', async () => {
  const policies = templates.flatMap(({ template }) => {
    const all = statements(template).filter(({ of }) => /Role$/.test(of));
    const roles = [...new Set(all.map(({ of }) => of))];
    return roles.map((role) => ({
      role,
      policy: policyOf(
        template,
        all.filter(({ of }) => of === role),
      ),
    }));
  });
  const file = join(folder, 'policies.json');
  await writeFile(file, JSON.stringify(policies));
  const findings: string[] = await runPython(join(import.meta.dirname, 'check_policies.py'), file);
  assert.deepEqual(findings, []);
});
