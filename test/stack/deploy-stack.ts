// Deploys the stack with `osls deploy` on a server with AWS's APIs.
import {
  CloudFormationClient,
  DescribeStacksCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { osls, parameterOptions } from '../infra/run-osls.ts';
import type { Aws } from './start-ministack.ts';

const STAGE = 'test';
export const STACK = `dtm-exporter-${STAGE}`;

export interface Stack {
  readonly name: string;
  /** By name: those of `infra/outputs.yml`. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What osls printed. */
  readonly text: string;
  /** Seconds for packaging and deployment. */
  readonly seconds: number;
  /** Runs `osls remove`. @throws {Error} with the output of osls */
  remove(): Promise<void>;
}

/** SDK client options for a server on this machine: endpoint, region and credentials. */
export const clientOptions = ({ endpoint, environment }: Aws) => ({
  endpoint,
  region: environment.AWS_REGION ?? 'us-east-1',
  credentials: {
    accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
  },
});

export interface DeployOptions {
  readonly stage?: string;
  /** Content of the stage's file in `infra/stages/`. */
  readonly stageFile?: string;
}

/**
 * Packages and deploys the stack with these parameters of `infra/parameters.yml`, or updates the deployed one.
 * @throws {Error} with the output of osls
 */
export async function deployStack(
  aws: Aws,
  parameters: Readonly<Record<string, string>> = {},
  { stage = STAGE, stageFile }: DeployOptions = {},
): Promise<Stack> {
  const start = performance.now();
  const stages = stageFile === undefined ? {} : { [stage]: stageFile };
  const text = await runOsls(aws, ['deploy', '--stage', stage, ...parameterOptions(parameters)], stages);
  const name = `dtm-exporter-${stage}`;
  const outputs = await readOutputs(aws, name);
  if (!outputs) throw new Error(`${name} was deployed and is not there`);
  const seconds = (performance.now() - start) / 1000;
  return { name, outputs, text, seconds, remove: () => removeStack(aws, stage) };
}

/** Ends the protection of the stack, as an operator does, and runs `osls remove`. */
async function removeStack(aws: Aws, stage: string): Promise<void> {
  const request = { StackName: `dtm-exporter-${stage}`, EnableTerminationProtection: false };
  const client = new CloudFormationClient(clientOptions(aws));
  await client.send(new UpdateTerminationProtectionCommand(request));
  await tryRemove(aws, stage);
}

/** Runs `osls remove` alone. @throws {Error} with the output of osls, for a protected stack too */
export async function tryRemove(aws: Aws, stage = STAGE): Promise<void> {
  await runOsls(aws, ['remove', '--stage', stage]);
}

/** Runs osls and returns its output. @throws {Error} with the output */
async function runOsls(
  { environment }: Aws,
  args: readonly string[],
  stages: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { exit, text } = await osls(args, { env: environment, stages });
  if (exit !== 0) throw new Error(`osls ${args[0]}: exit ${exit}\n${text}`);
  return text;
}

/** The stack's outputs by name; null if it is not deployed. */
export async function readOutputs(aws: Aws, name = STACK): Promise<Record<string, string> | null> {
  const client = new CloudFormationClient(clientOptions(aws));
  const response = await client.send(new DescribeStacksCommand({ StackName: name })).catch((error: Error) => {
    if (/does not exist/.test(error.message)) return null;
    throw error;
  });
  const stack = response?.Stacks?.find(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
  if (!stack) return null;
  return Object.fromEntries(
    (stack.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
}

/** Policy conditions that ministack does not support: it has no TLS here, and ignores these two headers. */
const UNSUPPORTED = /aws:SecureTransport|s3:if-(none-)?match/;

/**
 * Removes the bucket policy's statements with unsupported conditions, because here they would deny every request. Returns their
 * names. Another test checks these statements in the template.
 */
export async function relaxBucketPolicy(aws: Aws, bucket: string): Promise<string[]> {
  const s3 = new S3Client({ ...clientOptions(aws), forcePathStyle: true });
  const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
  const { Statement, ...policy } = JSON.parse(Policy) as { Statement: { Sid: string; Condition: object }[] };
  const isUnsupported = ({ Condition }: { Condition: object }): boolean =>
    UNSUPPORTED.test(JSON.stringify(Condition));
  const remaining = Statement.filter((statement) => !isUnsupported(statement));
  const relaxed = JSON.stringify({ ...policy, Statement: remaining });
  await (remaining.length === 0
    ? s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }))
    : s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: relaxed })));
  return Statement.filter(isUnsupported).map(({ Sid }) => Sid);
}
