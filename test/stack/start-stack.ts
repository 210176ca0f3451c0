// Deploys the stack for a simulator, and reads what operators and subscribers see: executions, tables, logs, metrics.
import { CloudFormationClient, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetTableCommand, GlueClient } from '@aws-sdk/client-glue';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { s3Store } from '../../lib/store/s3/s3-store.ts';
import type { Store } from '../../lib/store/store.ts';
import type { Cleanup } from '../start-server.ts';
import { waitFor } from '../wait-for.ts';
import { clientConfig } from './buckets.ts';
import { clientOptions, deployStack, relaxBucketPolicy, STACK, type Stack } from './deploy-stack.ts';
import { type Aws, startMinistack } from './start-ministack.ts';

export interface RunningStack {
  readonly aws: Aws;
  readonly stack: Stack;
  readonly store: Store;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly bridge: EventBridgeClient;
}

/** Result of an execution. */
export interface Execution {
  readonly status: string;
  readonly output: Record<string, unknown>;
  readonly error: string;
  readonly cause: string;
  /** Duration from start to end. */
  readonly seconds: number;
}

/** Deploys the stack with its own roles, and writes the API key into its SSM parameter. */
export async function startStack(t: Cleanup, parameters: Record<string, string>): Promise<RunningStack> {
  const aws = await startMinistack(t, { auth: true });
  const stack = await deployStack(aws, parameters);
  const bucket = stack.outputs.BucketName ?? '';
  await relaxBucketPolicy(aws, bucket);
  const options = clientOptions(aws);
  const parameter = { Name: '/dtm-exporter/test/key', Value: 'sample-key', Type: 'SecureString' as const };
  await new SSMClient(options).send(new PutParameterCommand(parameter));
  return {
    aws,
    stack,
    store: s3Store(`s3://${bucket}`, { client: clientConfig(aws.endpoint), visibility: 'private' }),
    sqs: new SQSClient(options),
    sns: new SNSClient(options),
    bridge: new EventBridgeClient(options),
  };
}

/** The state machine's input that the deployed schedule sends at this time. */
export async function scheduledInput({ aws }: RunningStack, time: string): Promise<string> {
  const client = new CloudFormationClient(clientOptions(aws));
  const { TemplateBody = '' } = await client.send(new GetTemplateCommand({ StackName: STACK }));
  const input: string = JSON.parse(TemplateBody).Resources.Schedule.Properties.Target.Input;
  if (!input.includes('<aws.scheduler.scheduled-time>')) throw new Error(`the schedule's input is ${input}`);
  return input.replace('<aws.scheduler.scheduled-time>', time);
}

/** Starts an execution and waits for its end. */
export async function execute(runningStack: RunningStack, input: string): Promise<Execution> {
  const client = new SFNClient(clientOptions(runningStack.aws));
  const stateMachineArn = runningStack.stack.outputs.StateMachineArn ?? '';
  const { executionArn = '' } = await client.send(new StartExecutionCommand({ stateMachineArn, input }));
  return waitForEnd(client, executionArn);
}

/** Waits until no execution runs. */
export async function waitForAllEnds({ aws, stack }: RunningStack): Promise<void> {
  const client = new SFNClient(clientOptions(aws));
  const stateMachineArn = stack.outputs.StateMachineArn ?? '';
  const request = new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' });
  await waitFor('the end of all executions', async () => !(await client.send(request)).executions?.length);
}

/** Waits until there are more than `before` executions, and for the end of the newest one. */
export async function nextExecution({ aws, stack }: RunningStack, before: number): Promise<Execution> {
  const client = new SFNClient(clientOptions(aws));
  const stateMachineArn = stack.outputs.StateMachineArn ?? '';
  const executionArn = await waitFor(`an execution after ${before} others`, async () => {
    const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
    const newest = executions.toSorted((a, b) => Number(b.startDate) - Number(a.startDate))[0];
    return executions.length > before ? (newest?.executionArn ?? null) : null;
  });
  return waitForEnd(client, executionArn);
}

export async function countExecutions({ aws, stack }: RunningStack): Promise<number> {
  const client = new SFNClient(clientOptions(aws));
  const stateMachineArn = stack.outputs.StateMachineArn ?? '';
  const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
  return executions.length;
}

async function waitForEnd(client: SFNClient, executionArn: string): Promise<Execution> {
  return waitFor(`the end of ${executionArn}`, async () => {
    const description = await client.send(new DescribeExecutionCommand({ executionArn }));
    const { status = '', output = '{}', error = '', cause = '', startDate, stopDate } = description;
    if (status === 'RUNNING') return null;
    const seconds = (Number(stopDate) - Number(startDate)) / 1000;
    return { status, output: JSON.parse(output || '{}'), error, cause, seconds };
  });
}

/** Waits until a table of the catalogue points to this release, and returns its location. */
export async function waitForTable(
  { aws, stack }: RunningStack,
  table: string,
  release: string,
): Promise<string> {
  const client = new GlueClient(clientOptions(aws));
  const request = { DatabaseName: stack.outputs.DatabaseName ?? '', Name: table };
  return waitFor(`table ${table} of release ${release}`, async () => {
    const found = await client.send(new GetTableCommand(request)).catch((error: Error) => {
      if (error.name === 'EntityNotFoundException') return null;
      throw error;
    });
    const location = found?.Table?.StorageDescriptor?.Location ?? '';
    return location.includes(`/${release}/`) ? location : null;
  });
}

/** Lines of a function's log, oldest first. */
export async function readLog({ aws }: RunningStack, name: string): Promise<string[]> {
  const client = new CloudWatchLogsClient(clientOptions(aws));
  const request = { logGroupName: `/aws/lambda/${STACK}-${name}`, limit: 10_000 };
  const { events = [] } = await client.send(new FilterLogEventsCommand(request));
  return events.map(({ message = '' }) => message);
}

/** Values of a metric, oldest first, from the log of `publish`. */
export async function readMetric(runningStack: RunningStack, name: string): Promise<number[]> {
  return (await readLog(runningStack, 'publish')).flatMap((message) => {
    const start = message.indexOf('{"_aws"');
    const found = start < 0 ? undefined : JSON.parse(message.slice(start))[name];
    return found === undefined ? [] : [Array.isArray(found) ? Number(found[0]) : Number(found)];
  });
}
