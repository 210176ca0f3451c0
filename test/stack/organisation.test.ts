// Deploys a stack with what an organisation has already: a domain, a KMS key, a permissions boundary and tags. The server
// accepts a boundary and forgets it; template.test.ts finds it in every role.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { clientOptions, deployStack, STACK } from './deploy-stack.ts';
import { startMinistack } from './start-ministack.ts';
import { callIam } from './users.ts';

const ACCOUNT = '000000000000';
const BOUNDARY = `arn:aws:iam::${ACCOUNT}:policy/boundary`;
const KEY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/0a1b2c3d`;

test("a public stack has the organisation's domain, KMS key, permissions boundary and tags", async (t) => {
  const aws = await startMinistack(t);
  const boundary = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  await callIam(aws.endpoint, {
    ...{ Action: 'CreatePolicy', PolicyName: 'boundary' },
    PolicyDocument: JSON.stringify(boundary),
  });
  const { outputs } = await deployStack(aws, {
    ...{ visibility: 'public', licence: 'CC BY 4.0', domain: 'data.example.org', keyKmsKey: KEY },
    certificate: `arn:aws:acm:us-east-1:${ACCOUNT}:certificate/0a1b2c3d`,
    ...{ permissionsBoundary: BOUNDARY, tags: 'team=data,cost=42' },
  });
  assert.equal(outputs.DistributionUrl, 'https://data.example.org/');
  assert.match(outputs.DistributionDomain ?? '', /^\w+\.cloudfront\.net$/);

  const roles = await callIam(aws.endpoint, { Action: 'ListRoles' });
  const [, RoleName = ''] = /<RoleName>([^<]*PlanRole[^<]*)</.exec(roles) ?? [];
  const policy = await callIam(aws.endpoint, { Action: 'GetRolePolicy', RoleName, PolicyName: 'plan' });
  assert.ok(decodeURIComponent(policy).includes(KEY), policy);

  const cloudFormation = new CloudFormationClient(clientOptions(aws));
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: STACK }));
  const tags = Stacks[0]?.Tags?.map(({ Key, Value }) => `${Key}=${Value}`) ?? [];
  assert.ok(tags.includes('team=data') && tags.includes('cost=42'), tags.join());
});
