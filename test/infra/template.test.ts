// The compiled template: permissions of the roles, policy of the bucket, and resources of a public dataset only.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isTrue } from '../../infra/plugin/template.ts';
import {
  compile,
  type Json,
  ofType,
  type Statement,
  statements,
  type Template,
  textOf,
} from './compile-template.ts';

const FUNCTIONS = ['Plan', 'Fetch', 'Publish', 'Refresh', 'Repoint', 'Notify'];

/** AWS allows no resource name for these actions: log delivery belongs to the account. */
const LOG_DELIVERY = [
  ...['logs:CreateLogDelivery', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery', 'logs:DeleteLogDelivery'],
  ...[
    'logs:ListLogDeliveries',
    'logs:PutResourcePolicy',
    'logs:DescribeResourcePolicies',
    'logs:DescribeLogGroups',
  ],
];

const READABLE = [
  'releases/*',
  'assets/*',
  'latest.json',
  'releases.json',
  'status.json',
  'feed.xml',
  'index.html',
];

/** Parameters that differ from the defaults. */
const OTHER = {
  ...{
    visibility: 'public',
    licence: 'CC BY 4.0',
    alarmEmail: 'ops@example.org',
    contact: 'ops@example.org',
  },
  ...{
    concurrency: '8',
    reserveConcurrency: 'off',
    keepNewest: '12',
    keepMonthly: '6',
    countries: 'HTI,TCD',
  },
  ...{
    secondaryKeyParameter: '/dtm/second',
    schedule: 'rate(1 day)',
    timeZone: 'Europe/Zurich',
    apiVersion: 'v2',
  },
};

/** Parameters for what an organisation has already. */
const OWN = {
  ...{ visibility: 'public', licence: 'CC BY 4.0', domain: 'data.example.org', bucket: 'a-bucket' },
  certificate: 'arn:aws:acm:us-east-1:123456789012:certificate/0a1b',
  keyKmsKey: 'arn:aws:kms:us-east-1:123456789012:key/0a1b',
  permissionsBoundary: 'arn:aws:iam::123456789012:policy/boundary',
};

let folder: string;
let standard: Template;
let other: Template;
let own: Template;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dtm-infra-'));
  standard = await compile(join(folder, 'standard'));
  other = await compile(join(folder, 'other'), OTHER);
  own = await compile(join(folder, 'own'), OWN);
});
after(() => rm(folder, { recursive: true, force: true }));

const properties = (template: Template, name: string): Json => template.Resources[name]?.Properties;
const allowed = (template: Template, of: string): Statement[] =>
  statements(template).filter((statement) => statement.of === of && statement.Effect === 'Allow');

describe('roles', () => {
  test('every function has its own role, which only Lambda may assume', () => {
    const roles = FUNCTIONS.map((name) => textOf(properties(standard, `${name}LambdaFunction`).Role));
    assert.deepEqual(
      roles,
      FUNCTIONS.map((name) => `<${name}Role.Arn>`),
    );
    assert.equal(ofType(standard, 'AWS::Lambda::Function').length, FUNCTIONS.length);
    for (const name of FUNCTIONS) {
      const trust = properties(standard, `${name}Role`).AssumeRolePolicyDocument.Statement;
      assert.deepEqual(
        trust.map(({ Principal }: Json) => Principal),
        [{ Service: 'lambda.amazonaws.com' }],
      );
    }
  });

  test('only this state machine and schedules of this account may assume the roles of workflow and schedule', () => {
    for (const [name, service, source] of [
      [
        'WorkflowRole',
        'states.amazonaws.com',
        ':states:<AWS::Region>:<AWS::AccountId>:stateMachine:dtm-exporter-test',
      ],
      [
        'ScheduleRole',
        'scheduler.amazonaws.com',
        ':scheduler:<AWS::Region>:<AWS::AccountId>:schedule-group/default',
      ],
    ] as const) {
      const [trust, ...more] = properties(standard, name).AssumeRolePolicyDocument.Statement;
      assert.deepEqual([trust.Principal, more], [{ Service: service }, []]);
      assert.deepEqual(trust.Condition.StringEquals, { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } });
      assert.equal(textOf(trust.Condition.ArnEquals['aws:SourceArn']), `arn:<AWS::Partition>${source}`);
    }
    assert.equal(properties(standard, 'Workflow').StateMachineName, 'dtm-exporter-test');
    assert.equal(properties(standard, 'Schedule').GroupName, undefined);
  });

  test('with keyKmsKey, plan and fetch may decrypt with that key through SSM only; without it nobody may', () => {
    const decrypting = (template: Template) =>
      statements(template).filter(({ Action }) => Action.some((one) => one.startsWith('kms:')));
    assert.deepEqual(decrypting(standard), []);
    assert.deepEqual(
      decrypting(own).map(({ of, Action, Resource }) => [of, Action, Resource]),
      ['PlanRole', 'FetchRole'].map((of) => [of, ['kms:Decrypt'], [OWN.keyKmsKey]]),
    );
    for (const { Condition } of decrypting(own))
      assert.equal(textOf(Condition.StringEquals['kms:ViaService']), 'ssm.<AWS::Region>.amazonaws.com');
  });

  test('permissionsBoundary bounds every role', () => {
    const bounds = (template: Template) =>
      ofType(template, 'AWS::IAM::Role').map(([, role]) => role.Properties.PermissionsBoundary);
    assert.deepEqual(new Set(bounds(standard)), new Set([undefined]));
    assert.deepEqual(new Set(bounds(own)), new Set([OWN.permissionsBoundary]));
    assert.equal(bounds(own).length, FUNCTIONS.length + 2);
  });

  test('roles name every action and resource; only log delivery has `*`, as AWS requires', () => {
    for (const template of [standard, other])
      for (const { of, Effect, Action, Resource } of statements(template)) {
        if (Effect !== 'Allow') continue;
        for (const action of Action) assert.match(action, /^[a-z0-9]+:[A-Za-z]+$/, of);
        if (Resource.includes('*')) assert.deepEqual([of, Action], ['WorkflowRole', LOG_DELIVERY]);
        for (const resource of Resource)
          assert.ok(resource === '*' || /^[^*]{4}/.test(resource), `${of}: ${resource}`);
      }
  });

  test('publish may delete chart scripts, and releases, runs and assets only with keepNewest', () => {
    const deleting = (template: Template) =>
      statements(template).filter(({ Action }) => Action.some((one) => /^s3:Delete/.test(one)));
    const pictures = '<Bucket.Arn>/assets/picture-*';
    const whole = ['<Bucket.Arn>/releases/*', '<Bucket.Arn>/runs/*', '<Bucket.Arn>/assets/*'];
    for (const [template, resources] of [
      [standard, [[pictures]]],
      [other, [[pictures], whole]],
    ] as const) {
      assert.deepEqual(
        deleting(template).map(({ Resource }) => Resource),
        resources,
      );
      for (const { of, Action } of deleting(template))
        assert.deepEqual([of, Action], ['PublishRole', ['s3:DeleteObject', 's3:DeleteObjectVersion']]);
    }
  });

  test('publish alone may empty caches, of its own distribution, and knows its id', () => {
    const emptying = (template: Template) =>
      statements(template).filter(({ Action }) => Action.some((one) => one.startsWith('cloudfront:')));
    assert.deepEqual(emptying(standard), []);
    const [only, ...more] = emptying(other);
    assert.deepEqual([only?.of, only?.Action, more], ['PublishRole', ['cloudfront:CreateInvalidation'], []]);
    assert.match(only?.Resource.join() ?? '', /^arn:[^*]+:distribution\/<Distribution>$/);
    const variables = (template: Template) =>
      properties(template, 'PublishLambdaFunction').Environment.Variables.DTM_DISTRIBUTION;
    assert.deepEqual([variables(standard), textOf(variables(other))], ['', '<Distribution>']);
    assert.equal(standard.Outputs.DistributionId, undefined);
    assert.equal(textOf(other.Outputs.DistributionId.Value), '<Distribution>');
  });

  test('only publish may write public files, and only plan and fetch may read the key', () => {
    const writers = statements(standard).filter(
      ({ Effect, Action }) => Effect === 'Allow' && Action.includes('s3:PutObject'),
    );
    const seen = writers.filter(({ Resource }) =>
      Resource.some((one) => /Arn>\/(releases|latest|assets|feed|index)/.test(one)),
    );
    assert.deepEqual(
      seen.map(({ of }) => of),
      ['PublishRole'],
    );
    for (const [template, keys] of [
      [standard, 1],
      [other, 2],
    ] as const) {
      const readers = statements(template).filter(({ Action }) => Action.includes('ssm:GetParameter'));
      assert.deepEqual(
        readers.map(({ of }) => of),
        ['PlanRole', 'FetchRole'],
      );
      for (const { Resource } of readers) assert.equal(Resource.length, keys);
    }
  });

  test('plan and publish may write and read the object that tests preconditions below runs/', () => {
    for (const role of ['PlanRole', 'PublishRole'])
      for (const action of ['s3:PutObject', 's3:GetObject']) {
        const resources = allowed(standard, role)
          .filter(({ Action }) => Action.includes(action))
          .flatMap(({ Resource }) => Resource);
        assert.ok(
          resources.some((one) => ['<Bucket.Arn>/runs/promises/*', '<Bucket.Arn>/runs/*'].includes(one)),
          `${role} ${action}`,
        );
      }
  });

  test('refresh may start one state machine only, and repoint may change one database only', () => {
    const start = allowed(standard, 'RefreshRole').find(({ Action }) =>
      Action.includes('states:StartExecution'),
    );
    assert.deepEqual(start?.Resource, ['<Workflow>']);
    const glue = allowed(standard, 'RepointRole').find(({ Action }) => Action.includes('glue:UpdateTable'));
    assert.deepEqual(
      glue?.Resource.map((arn) => arn.split(':').at(-1)),
      ['catalog', 'database/<Catalogue>', 'table/<Catalogue>/*'],
    );
  });
});

describe('tables', () => {
  test('a release, a withdrawal and the end of a deployment repoint, and a lost event is a dead letter', () => {
    const rules = ofType(standard, 'AWS::Events::Rule').filter(([, { Properties }]) =>
      Properties.Targets.some(({ Arn }: Json) => textOf(Arn) === '<RepointLambdaFunction.Arn>'),
    );
    assert.deepEqual(
      rules.map(([, { Properties }]) => [
        textOf(Properties.EventBusName),
        Properties.EventPattern['detail-type'],
      ]),
      [
        ['<Bus>', ['dtm.release.published', 'dtm.release.withdrawn']],
        ['undefined', ['CloudFormation Stack Status Change']],
      ],
    );
    const { detail } = properties(standard, 'Deployed').EventPattern;
    assert.deepEqual(detail['stack-id'].map(textOf).slice(0, 1), ['<AWS::StackId>']);
    const statuses: string[] = detail['status-details'].status;
    assert.ok(statuses.includes('CREATE_COMPLETE') && statuses.includes('UPDATE_COMPLETE'));
    const senders = properties(standard, 'QueuesPolicy').PolicyDocument.Statement[0].Condition.ArnEquals;
    const invokers = ofType(standard, 'AWS::Lambda::Permission').map(([, permission]) =>
      textOf(permission.Properties.SourceArn),
    );
    for (const [name, { Properties }] of rules) {
      assert.equal(textOf(Properties.Targets[0].DeadLetterConfig.Arn), '<DeadLetters.Arn>');
      assert.ok(senders['aws:SourceArn'].map(textOf).includes(`<${name}.Arn>`), name);
      assert.ok(invokers.includes(`<${name}.Arn>`), name);
    }
    const failures = properties(standard, 'RepointFailures').DestinationConfig.OnFailure.Destination;
    assert.equal(textOf(failures), '<DeadLetters.Arn>');
  });
});

describe('storage', () => {
  const policy = (template: Template): Statement[] =>
    statements(template).filter(({ of }) => of === 'BucketPolicy');

  test('the bucket policy denies plain HTTP, overwrites of a release and unconditional pointer writes', () => {
    for (const template of [standard, other]) {
      const denied = policy(template).filter(({ Effect }) => Effect === 'Deny');
      assert.deepEqual(
        denied.map(({ Principal }) => Principal),
        ['*', '*', '*'],
      );
      const [tls, releases, pointers] = denied.map(({ Action, Resource, Condition }) => ({
        Action,
        Resource,
        Condition,
      }));
      assert.deepEqual(tls, {
        Action: ['s3:*'],
        Resource: ['<Bucket.Arn>', '<Bucket.Arn>/*'],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      });
      assert.deepEqual(releases, {
        Action: ['s3:PutObject'],
        Resource: ['<Bucket.Arn>/releases/*'],
        Condition: { Null: { 's3:if-none-match': 'true' } },
      });
      assert.deepEqual(pointers, {
        Action: ['s3:PutObject'],
        Resource: ['<Bucket.Arn>/latest.json', '<Bucket.Arn>/releases.json'],
        Condition: { Null: { 's3:if-match': 'true', 's3:if-none-match': 'true' } },
      });
    }
  });

  test('the bucket is private, versioned, encrypted and retained, with CORS; raw answers leave within 30 days', () => {
    const { DeletionPolicy, Properties: bucket } = standard.Resources.Bucket as Json;
    assert.equal(DeletionPolicy, 'RetainExceptOnCreate');
    assert.deepEqual(Object.values(bucket.PublicAccessBlockConfiguration), [true, true, true, true]);
    assert.equal(bucket.OwnershipControls.Rules[0].ObjectOwnership, 'BucketOwnerEnforced');
    assert.equal(bucket.VersioningConfiguration.Status, 'Enabled');
    const [encryption] = bucket.BucketEncryption.ServerSideEncryptionConfiguration;
    assert.equal(encryption.ServerSideEncryptionByDefault.SSEAlgorithm, 'AES256');
    const rules = bucket.LifecycleConfiguration.Rules;
    const [runs] = rules.filter(({ Prefix }: Json) => Prefix === 'runs/');
    // S3 rounds both times up to the next midnight.
    const days = runs.ExpirationInDays + 1 + runs.NoncurrentVersionExpiration.NoncurrentDays + 1;
    assert.ok(days <= 30, `raw answers leave after ${days} days`);
    assert.equal(rules.filter(({ ExpirationInDays }: Json) => ExpirationInDays).length, 1);
    assert.ok(rules.some((rule: Json) => rule.NoncurrentVersionExpiration?.NoncurrentDays === 30));
    assert.ok(rules.some((rule: Json) => rule.AbortIncompleteMultipartUpload));
    const [cors] = bucket.CorsConfiguration.CorsRules;
    assert.deepEqual(cors.AllowedMethods, ['GET', 'HEAD']);
    assert.ok(cors.AllowedHeaders.includes('Range'));
    assert.deepEqual(cors.ExposedHeaders, ['ETag', 'Content-Range', 'Content-Length', 'Accept-Ranges']);
  });

  test('CloudFront may read published files, but not runs/', () => {
    const [read, list, ...more] = policy(other).filter(({ Effect }) => Effect === 'Allow');
    assert.deepEqual(more, []);
    assert.deepEqual(
      read?.Resource,
      READABLE.map((path) => `<Bucket.Arn>/${path}`),
    );
    for (const statement of [read, list]) {
      assert.deepEqual(statement?.Principal, { Service: 'cloudfront.amazonaws.com' });
      assert.match(
        textOf(statement?.Condition.StringEquals['aws:SourceArn']),
        /distribution\/<Distribution>$/,
      );
    }
    assert.deepEqual([read?.Action, list?.Action], [['s3:GetObject'], ['s3:ListBucket']]);
  });
});

describe('what an organisation has already', () => {
  test('with bucket, the stack has no bucket, and uses this one in every place', () => {
    assert.deepEqual(
      ofType(own, 'AWS::S3::Bucket').map(([name]) => name),
      ['ServerlessDeploymentBucket'],
    );
    const text = JSON.stringify(own);
    assert.doesNotMatch(text, /"Bucket"\}|"Bucket\.|\{Bucket[.}]|"Bucket",/);
    assert.equal(own.Outputs.BucketName.Value, 'a-bucket');
    assert.equal(properties(own, 'BucketPolicy').Bucket, 'a-bucket');
    const { Variables } = properties(own, 'PlanLambdaFunction').Environment;
    assert.equal(Variables.DTM_DESTINATION, 's3://a-bucket');
    const [origin] = properties(own, 'Distribution').DistributionConfig.Origins;
    assert.equal(textOf(origin.DomainName), 'a-bucket.s3.<AWS::Region>.<AWS::URLSuffix>');
    // Every statement names the same objects as with a bucket of its own.
    const resources = (template: Template, of: string) =>
      allowed(template, of).flatMap(({ Resource }) => Resource);
    assert.deepEqual(
      resources(own, 'PlanRole').filter((one) => one.includes('s3:::')),
      resources(standard, 'PlanRole')
        .filter((one) => one.startsWith('<Bucket.Arn>'))
        .map((one) => one.replace('<Bucket.Arn>', 'arn:<AWS::Partition>:s3:::a-bucket')),
    );
  });

  test('with domain, the distribution has it with its certificate, and it is the public address', () => {
    const config = properties(own, 'Distribution').DistributionConfig;
    assert.deepEqual(config.Aliases, [OWN.domain]);
    assert.deepEqual(config.ViewerCertificate, {
      ...{ AcmCertificateArn: OWN.certificate, SslSupportMethod: 'sni-only' },
      MinimumProtocolVersion: 'TLSv1.2_2021',
    });
    const url = own.Outputs.DistributionUrl.Value;
    assert.deepEqual(url['Fn::Sub'][1], { Name: OWN.domain });
    assert.deepEqual(properties(own, 'PublishLambdaFunction').Environment.Variables.DTM_PUBLIC_URL, url);
    const without = properties(other, 'Distribution').DistributionConfig;
    assert.deepEqual([without.Aliases, without.ViewerCertificate], [undefined, undefined]);
  });
});

describe('visibility', () => {
  test('what readers hold stays when the stack is deleted: bucket, its policy, and the distribution', () => {
    const kept = Object.entries(other.Resources).filter(
      ([name, { Type }]) => Type.startsWith('AWS::CloudFront::') || /^Bucket(Policy)?$/.test(name),
    );
    assert.deepEqual(kept.map(([name]) => name).sort(), [
      ...['Bucket', 'BucketPolicy', 'Caching', 'Distribution', 'Headers', 'OriginAccess'],
    ]);
    for (const [name, { DeletionPolicy, UpdateReplacePolicy }] of kept)
      assert.deepEqual([DeletionPolicy, UpdateReplacePolicy], ['RetainExceptOnCreate', 'Retain'], name);
  });

  test('names of CloudFront, which belong to the account, have the region and a part of the stack id', () => {
    const configs = ['OriginAccessControlConfig', 'CachePolicyConfig', 'ResponseHeadersPolicyConfig'];
    for (const [at, name] of ['OriginAccess', 'Caching', 'Headers'].entries()) {
      const { Name } = properties(other, name)[configs[at] ?? ''];
      const [text, { Id }] = Name['Fn::Sub'];
      assert.match(text, /^dtm-exporter-test-\$\{AWS::Region\}-\$\{Id\}$/, name);
      assert.match(JSON.stringify(Id), /AWS::StackId/);
    }
  });

  test('the deployed template knows one visibility only, so nothing else can change it', () => {
    assert.deepEqual(standard.Parameters.Visibility?.AllowedValues, ['private']);
    assert.deepEqual(other.Parameters.Visibility?.AllowedValues, ['public']);
  });

  test('visibility private: no distribution, and only this account may subscribe to the topic', () => {
    assert.deepEqual(
      Object.values(standard.Resources).filter(({ Type }) => Type.startsWith('AWS::CloudFront::')),
      [],
    );
    assert.ok(statements(standard).every(({ of, Effect }) => of !== 'BucketPolicy' || Effect === 'Deny'));
    const [subscribe] = allowed(standard, 'ReleasesPolicy');
    assert.match(textOf(subscribe?.Principal.AWS), /<AWS::AccountId>:root$/);
    assert.equal(standard.Outputs.DistributionUrl, undefined);
  });

  test('visibility public: a distribution with origin access control, and anyone may subscribe', () => {
    const config = properties(other, 'Distribution').DistributionConfig;
    assert.equal(textOf(config.Origins[0].OriginAccessControlId), '<OriginAccess.Id>');
    assert.deepEqual(
      [config.DefaultCacheBehavior.Compress, config.DefaultCacheBehavior.ViewerProtocolPolicy],
      [true, 'redirect-to-https'],
    );
    // A day: a withdrawn figure stays no longer at the edge, whatever an old object's Cache-Control says.
    assert.equal(properties(other, 'Caching').CachePolicyConfig.MaxTTL, 86_400);
    const headers = properties(other, 'Headers').ResponseHeadersPolicyConfig;
    assert.deepEqual(Object.keys(headers.SecurityHeadersConfig).sort(), [
      'ContentTypeOptions',
      'FrameOptions',
      'ReferrerPolicy',
      'StrictTransportSecurity',
    ]);
    const [subscribe] = allowed(other, 'ReleasesPolicy');
    assert.deepEqual([subscribe?.Principal, subscribe?.Action], ['*', ['sns:Subscribe']]);
    assert.deepEqual(subscribe?.Condition, { StringEquals: { 'sns:Protocol': ['sqs', 'lambda'] } });
    assert.ok(other.Outputs.DistributionUrl);
    const open = statements(other).filter(
      ({ Effect, Principal }) => Effect === 'Allow' && JSON.stringify(Principal)?.includes('"*"'),
    );
    assert.deepEqual(
      open.map(({ of }) => of),
      ['ReleasesPolicy'],
    );
  });

  test('a CloudFormation rule refuses visibility public without a licence', () => {
    const { RuleCondition, Assertions } = standard.Rules.PublicNeedsLicence as Json;
    assert.ok(standard.Rules.PublicNeedsLicence);
    for (const [Visibility, Licence, refused] of [
      ['public', '', true],
      ['public', 'CC0', false],
      ['private', '', false],
    ] as const) {
      const values = { Visibility, Licence };
      const isRefused = isTrue(RuleCondition, values) && !isTrue(Assertions[0].Assert, values);
      assert.equal(isRefused, refused, `${Visibility} ${Licence}`);
    }
  });
});
