// The outputs of a stack, read with the real SDK from a server in place of CloudFormation. test/stack reads a deployed one.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { readStack } from '../../lib/aws/stack.ts';
import { runInThisProcess } from '../setting.ts';

const PRIVATE = {
  BucketName: 'bucket',
  TopicArn: 'arn:aws:sns:eu-west-1:1:releases',
  EventBusName: 'bus',
  DatabaseName: 'dtm_prod',
};
const PUBLIC = { ...PRIVATE, DistributionUrl: 'https://x.cloudfront.net/', DistributionId: 'E2QWRUHAPOMQZL' };

/** Starts a server that answers with this status and body, and points the SDK to it. */
async function answerWith(t: TestContext, status: number, body: string): Promise<Record<string, string>> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'Content-Type': 'text/xml' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' },
    AWS_MAX_ATTEMPTS: '1',
  };
}

const stackWith = (outputs: Record<string, string>): string => {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>s</StackName><StackStatus>ROLLBACK_COMPLETE</StackStatus><Outputs>${members.join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
};

test('readStack returns bucket, topic, bus and database, and address and distribution if it is public', async (t) => {
  const read = async (outputs: Record<string, string>) => {
    Object.assign(process.env, await answerWith(t, 200, stackWith(outputs)));
    return readStack('s', { proxyEnv: {} });
  };
  const shared = { destination: 's3://bucket', topicArn: PRIVATE.TopicArn, eventBus: 'bus' };
  assert.deepEqual(await read(PRIVATE), {
    ...{ ...shared, database: 'dtm_prod', publicUrl: null, distribution: null },
  });
  assert.deepEqual(await read(PUBLIC), {
    ...{ ...shared, database: 'dtm_prod' },
    ...{ publicUrl: PUBLIC.DistributionUrl, distribution: PUBLIC.DistributionId },
  });
});

test('a stack that lacks an output is a usage error that names the output', async (t) => {
  for (const missing of ['BucketName', 'TopicArn', 'EventBusName', 'DatabaseName', 'DistributionId']) {
    const outputs = Object.fromEntries(Object.entries(PUBLIC).filter(([name]) => name !== missing));
    const env = await answerWith(t, 200, stackWith(outputs));
    const { exit, stderr } = await runInThisProcess(['status', '--stack', 'old'], { env });
    const line = `dtm-exporter: --stack old: expected the output ${missing}, found none (ROLLBACK_COMPLETE); deploy this version of dtm-exporter there, or name another stack\n`;
    assert.deepEqual([exit, stderr], [2, line]);
  }
});

test('credentials that are refused exit with 2, and a service that fails or throttles with 1', async (t) => {
  const failure = (code: string) =>
    `<ErrorResponse><Error><Code>${code}</Code><Message>by the test</Message></Error></ErrorResponse>`;
  const cases: [number, string, number, RegExp][] = [
    [403, 'ExpiredToken', 2, /cannot be read in eu-west-1 \(ExpiredToken: by the test\); set AWS_REGION/],
    [400, 'Throttling', 1, /gave no answer \(Throttling: by the test\); try again$/m],
    [500, 'InternalFailure', 1, /in eu-west-1 gave no answer \(InternalFailure: by the test\); try again$/m],
  ];
  for (const [status, code, expected, line] of cases) {
    const env = await answerWith(t, status, failure(code));
    const { exit, stderr } = await runInThisProcess(['status', '--stack', 's'], { env });
    assert.equal(exit, expected, stderr);
    assert.match(stderr, line);
    assert.equal(stderr.trim().split('\n').length, 1);
  }
});
