// The deployed stack, set to a simulator, with subscribers: what an operator and a reader see of it.
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
import { clientConfig } from './buckets.ts';
import { clientOptions, deployStack, relaxBucketPolicy, STACK, type Stack } from './deploy-stack.ts';
import { type Aws, startMinistack } from './start-ministack.ts';
import type { Ending } from './start-server.ts';

export interface Running {
  readonly aws: Aws;
  readonly stack: Stack;
  readonly store: Store;
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly bridge: EventBridgeClient;
}

/** What an execution came to. */
export interface Execution {
  readonly status: string;
  readonly output: Record<string, unknown>;
  readonly error: string;
  readonly cause: string;
  /** From start to end. */
  readonly seconds: number;
}

/** Deploys the stack under its own roles and puts the key where its functions look for it. */
export async function runningStack(t: Ending, parameters: Record<string, string>): Promise<Running> {
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

/** The input that the deployed schedule starts the state machine with, at a time. */
export async function scheduledInput({ aws }: Running, time: string): Promise<string> {
  const client = new CloudFormationClient(clientOptions(aws));
  const { TemplateBody = '' } = await client.send(new GetTemplateCommand({ StackName: STACK }));
  const input: string = JSON.parse(TemplateBody).Resources.Schedule.Properties.Target.Input;
  if (!input.includes('<aws.scheduler.scheduled-time>')) throw new Error(`the schedule's input is ${input}`);
  return input.replace('<aws.scheduler.scheduled-time>', time);
}

/** Starts an execution with an input and waits for its end. */
export async function execute(running: Running, input: string): Promise<Execution> {
  const client = new SFNClient(clientOptions(running.aws));
  const stateMachineArn = running.stack.outputs.StateMachineArn ?? '';
  const { executionArn = '' } = await client.send(new StartExecutionCommand({ stateMachineArn, input }));
  return ended(client, executionArn);
}

/** The end of the newest execution, once there are more than `before`. */
export async function nextExecution({ aws, stack }: Running, before: number): Promise<Execution> {
  const client = new SFNClient(clientOptions(aws));
  const stateMachineArn = stack.outputs.StateMachineArn ?? '';
  for (;;) {
    const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
    const newest = executions.toSorted((a, b) => Number(b.startDate) - Number(a.startDate))[0];
    if (executions.length > before && newest?.executionArn) return ended(client, newest.executionArn);
    await pause();
  }
}

export async function countExecutions({ aws, stack }: Running): Promise<number> {
  const client = new SFNClient(clientOptions(aws));
  const stateMachineArn = stack.outputs.StateMachineArn ?? '';
  const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
  return executions.length;
}

async function ended(client: SFNClient, executionArn: string): Promise<Execution> {
  for (;;) {
    const found = await client.send(new DescribeExecutionCommand({ executionArn }));
    const { status = '', output = '{}', error = '', cause = '', startDate, stopDate } = found;
    if (status !== 'RUNNING') {
      const seconds = (Number(stopDate) - Number(startDate)) / 1000;
      return { status, output: JSON.parse(output || '{}'), error, cause, seconds };
    }
    await pause();
  }
}

/** Where a table of the catalogue lies, once it lies in this release. */
export async function tableAt({ aws, stack }: Running, table: string, release: string): Promise<string> {
  const client = new GlueClient(clientOptions(aws));
  const wanted = { DatabaseName: stack.outputs.DatabaseName ?? '', Name: table };
  for (;;) {
    const found = await client.send(new GetTableCommand(wanted)).catch((error: Error) => {
      if (error.name === 'EntityNotFoundException') return null;
      throw error;
    });
    const location = found?.Table?.StorageDescriptor?.Location ?? '';
    if (location.includes(`/${release}/`)) return location;
    await pause();
  }
}

/** The lines of a function's log, oldest first. */
export async function logOf({ aws }: Running, name: string): Promise<string[]> {
  const client = new CloudWatchLogsClient(clientOptions(aws));
  const wanted = { logGroupName: `/aws/lambda/${STACK}-${name}`, limit: 10_000 };
  const { events = [] } = await client.send(new FilterLogEventsCommand(wanted));
  return events.map(({ message = '' }) => message);
}

/** What the metrics of a name were, oldest first, as `publish` wrote them into its log. */
export async function metricsOf(running: Running, name: string): Promise<number[]> {
  return (await logOf(running, 'publish')).flatMap((message) => {
    const start = message.indexOf('{"_aws"');
    const found = start < 0 ? undefined : JSON.parse(message.slice(start))[name];
    return found === undefined ? [] : [Array.isArray(found) ? Number(found[0]) : Number(found)];
  });
}

const pause = (): Promise<void> => new Promise((done) => setTimeout(done, 200));
