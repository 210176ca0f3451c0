// The rights that a deployer needs, beside the handlers of CloudFormation's resource types: AWS publishes the actions that
// each type calls, and cfn-lint brings them.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { DeleteBucketPolicyCommand } from '@aws-sdk/client-s3';
import { compile, type Json } from '../infra/compile-template.ts';
import { ROOT, temporaryFolder } from '../setting.ts';
import { sdkClient } from './buckets.ts';
import { deployStack, readOutputs } from './deploy-stack.ts';
import { stackPython } from './python-environment.ts';
import { startMinistack } from './start-ministack.ts';
import { createUser } from './users.ts';

const run = promisify(execFile);

/** Actions of handlers for features that the stack does not use. */
const UNUSED: readonly (readonly [actions: RegExp, feature: string])[] = [
  [/^(ec2|elasticfilesystem|s3files):/, 'functions in a network, or with a file system'],
  [/^(kms|lakeformation|s3tables|firehose):|^s3:REST/, 'keys, lakes, table buckets and streams'],
  [/ConnectionGroup$|VpcOrigin$|StagingConfig$/, 'tenants, private origins and staging of distributions'],
  [/^events:(Put|Remove)Permission$/, 'buses that other accounts use'],
  [/^glue:\w+Connection$/, 'federated databases'],
  [/^iam:(Attach|Detach)RolePolicy$|^iam:UpdateRole/, 'managed policies and descriptions of roles'],
  [/^lambda:(Put|Delete)FunctionCodeSigning|LayerVersion$|CapacityProvider$|^lambda:PublishVersion$/, 'code'],
  [
    /^lambda:(AssociateRuntimeAlias|Put(FunctionRecursion|FunctionScaling|RuntimeManagement)Config)$/,
    'runtimes',
  ],
  [/^logs:(Put|Delete)(DataProtection|Index|Resource)Policy$|KmsKey$|LogDelivery$/, 'policies of logs'],
  [/^logs:(PutBearerTokenAuthentication|PutLogGroupDeletionProtection)$/, 'protection of logs'],
  [/^sns:PutDataProtectionPolicy$/, 'masked messages'],
  [/^s3:(Put|Delete)Bucket(Acl|Abac|Logging|Notification|Website|Replication)$/, 'settings of buckets'],
  [
    /^s3:(Put|Delete)(Bucket)?(Accelerate|Analytics|IntelligentTiering|Inventory|Metrics|Replication)/,
    'as above',
  ],
  [/^s3:(Put\w*ObjectLock|PutObjectAcl|\w+Metadata\w*Table)/, 'as above'],
];

/** Actions that osls and our plugin call themselves. */
const OSLS = [
  /^cloudformation:(Create|Describe|Execute|Delete)ChangeSet$/,
  /^cloudformation:(DescribeStack(s|Events|Resource|Resources)|ListStackResources|GetTemplate|ValidateTemplate)$/,
  /^cloudformation:(DeleteStack|UpdateTerminationProtection)$/,
  /^s3:(PutObject|GetObject|DeleteObject|DeleteObjectVersion|ListBucket|ListBucketVersions|GetBucketLocation)$/,
  /^states:ListExecutions$/,
];

/** The actions of the handlers that create, read, update and delete resources of these types. */
async function handlerActions(types: readonly string[]): Promise<Set<string>> {
  const program = `
import json, pathlib, sys, cfnlint
folder = pathlib.Path(cfnlint.__file__).parent / "data/schemas"
files = json.loads((folder / "providers/us-east-1.json").read_text())
handlers = [json.loads((folder / f"resources/{files[name]}.json").read_text())["handlers"] for name in sys.argv[1:]]
print(json.dumps([p for h in handlers for k in h if k != "list" for p in h[k]["permissions"]]))`;
  const { stdout } = await run(await stackPython('validators.txt'), ['-c', program, ...types]);
  return new Set(JSON.parse(stdout) as string[]);
}

async function readPolicy(): Promise<{ Statement: Json[] }> {
  return JSON.parse(await readFile(join(ROOT, 'infra/deployer-policy.json'), 'utf8'));
}

test("the deployer's policy allows what the stack's types need, and nothing without a reason", async (t) => {
  const folder = await temporaryFolder(t);
  const parameters = {
    visibility: 'public',
    licence: 'CC BY 4.0',
    alarmEmail: 'a@example.org',
    keepNewest: '3',
  };
  const { Resources } = await compile(folder, { ...parameters, reserveConcurrency: 'on' });
  const types = [...new Set(Object.values(Resources).map(({ Type }) => Type))];
  const needed = [...(await handlerActions(types))].filter(
    (action) => !UNUSED.some(([pattern]) => pattern.test(action)),
  );
  const allowed: string[] = (await readPolicy()).Statement.flatMap(({ Action }) => Action);
  assert.deepEqual(
    needed.filter((action) => !allowed.includes(action)),
    [],
  );
  assert.deepEqual(
    allowed.filter((action) => !needed.includes(action) && !OSLS.some((pattern) => pattern.test(action))),
    [],
  );
  assert.ok(needed.length > 100);
});

test("the deployer's policy names the stack's resources, and deletes no object of a dataset", async () => {
  const { Statement } = await readPolicy();
  for (const { Sid, Action, Resource } of Statement) {
    const open = [Resource].flat().filter((arn: string) => !/dtm[-_]/.test(arn));
    if (open.length > 0) assert.match(Sid, /WithoutName/);
    if (Action.some((action: string) => action.startsWith('s3:DeleteObject')))
      assert.deepEqual(Resource, ['arn:aws:s3:::dtm-exporter-*-serverlessdeploy*/*']);
  }
});

test('a user with this policy changes the stack and removes it, and one without may not', async (t) => {
  const aws = await startMinistack(t, { auth: true });
  const { outputs } = await deployStack(aws);
  // The policy that osls gives this bucket refuses plain HTTP, and ministack has no TLS. Only the root may do all the same.
  const Bucket = outputs.ServerlessDeploymentBucketName ?? '';
  await sdkClient(aws).send(new DeleteBucketPolicyCommand({ Bucket }));
  const deployer = { ...aws, environment: await createUser(aws, 'deployer', (await readPolicy()).Statement) };
  const nobody = { ...aws, environment: await createUser(aws, 'nobody', []) };
  await assert.rejects(deployStack(nobody, { memory: '2048' }), /not authorized/);
  const stack = await deployStack(deployer, { memory: '2048' });
  await stack.remove();
  assert.equal(await readOutputs(aws), null);
});
