// The stack as `osls deploy` makes it, on a server that speaks AWS.
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { osls, parameterOptions } from '../infra/run-osls.ts';
import type { Aws } from './ministack.ts';

const STAGE = 'test';
export const STACK = `dtm-exporter-${STAGE}`;

export interface Stack {
  /** By name: `BucketName`, `TopicArn`, `EventBusName`, `StateMachineArn`, `DatabaseName`. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Seconds that packaging and deploying took. */
  readonly seconds: number;
  /** `osls remove`. @throws {Error} with what osls said */
  remove(): Promise<void>;
}

/** The first key and region of a server on this machine; what is needed to make a client of any service. */
export const clientOptions = ({ endpoint, environment }: Aws) => ({
  endpoint,
  region: environment.AWS_REGION ?? 'us-east-1',
  credentials: {
    accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
  },
});

/**
 * Packages and deploys the stack with these parameters of `infra/parameters.yml`, or changes the one that is there.
 * @throws {Error} with what osls said
 */
export async function deployStack(
  aws: Aws,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Stack> {
  const began = performance.now();
  await succeed(aws, ['deploy', '--stage', STAGE, ...parameterOptions(parameters)]);
  const outputs = await outputsOf(aws);
  if (!outputs) throw new Error(`${STACK} was deployed and is not there`);
  const seconds = (performance.now() - began) / 1000;
  return { outputs, seconds, remove: () => succeed(aws, ['remove', '--stage', STAGE]) };
}

async function succeed({ environment }: Aws, words: readonly string[]): Promise<void> {
  const { exit, text } = await osls(words, environment);
  if (exit !== 0) throw new Error(`osls ${words[0]}: exit ${exit}\n${text}`);
}

/** The stack's outputs by name, null where it is not deployed. */
export async function outputsOf(aws: Aws): Promise<Record<string, string> | null> {
  const client = new CloudFormationClient(clientOptions(aws));
  const answer = await client.send(new DescribeStacksCommand({ StackName: STACK })).catch((error: Error) => {
    if (/does not exist/.test(error.message)) return null;
    throw error;
  });
  const stack = answer?.Stacks?.find(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
  if (!stack) return null;
  return Object.fromEntries(
    (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
}

/** What ministack cannot tell of a request: it has no TLS here, and does not know these two headers as conditions. */
const UNKNOWN = /aws:SecureTransport|s3:if-(none-)?match/;

/**
 * Takes out of the bucket's policy what would deny every request here, since the server does not know what it asks for;
 * returns the names of what was taken out. That the policy has it is asserted of the template.
 */
export async function relaxBucketPolicy(aws: Aws, bucket: string): Promise<string[]> {
  const s3 = new S3Client({ ...clientOptions(aws), forcePathStyle: true });
  const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
  const { Statement, ...policy } = JSON.parse(Policy) as { Statement: { Sid: string; Condition: object }[] };
  const isUnknown = ({ Condition }: { Condition: object }): boolean =>
    UNKNOWN.test(JSON.stringify(Condition));
  const left = Statement.filter((statement) => !isUnknown(statement));
  const relaxed = JSON.stringify({ ...policy, Statement: left });
  await (left.length === 0
    ? s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }))
    : s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: relaxed })));
  return Statement.filter(isUnknown).map(({ Sid }) => Sid);
}
