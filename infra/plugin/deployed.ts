// Reads what is deployed under a stack's name.
import {
  CloudFormationClient,
  type CloudFormationClientConfig,
  DescribeStacksCommand,
  GetTemplateCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { resolveTemplate, type Template } from './template.ts';

/** How the SDK's clients connect: region and credentials. */
export type AwsConfig = CloudFormationClientConfig;

/** A deployed stack. */
export interface Deployed {
  /** The template with its parameters, conditions decided. */
  readonly template: Template;
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/** States of a stack in which nobody holds anything of it. */
const NOT_DEPLOYED = ['REVIEW_IN_PROGRESS', 'ROLLBACK_COMPLETE', 'DELETE_COMPLETE'];

/** The stack with this name; null if there is none. */
export async function readDeployed(config: AwsConfig, name: string): Promise<Deployed | null> {
  const client = new CloudFormationClient(config);
  const stack = await describe(client, name);
  if (!stack || NOT_DEPLOYED.includes(stack.StackStatus ?? '')) return null;
  const { TemplateBody = '{}' } = await client.send(
    new GetTemplateCommand({ StackName: name, TemplateStage: 'Original' }),
  );
  const parameters = byName(stack.Parameters, 'ParameterKey', 'ParameterValue');
  return {
    template: resolveTemplate(JSON.parse(TemplateBody), parameters),
    parameters,
    outputs: byName(stack.Outputs, 'OutputKey', 'OutputValue'),
  };
}

async function describe(client: CloudFormationClient, name: string): Promise<Stack | undefined> {
  const found = await client.send(new DescribeStacksCommand({ StackName: name })).catch((error: Error) => {
    if (/does not exist/.test(error.message)) return null;
    throw error;
  });
  return found?.Stacks?.[0];
}

function byName<Entry>(
  entries: readonly Entry[] | undefined,
  name: keyof Entry,
  value: keyof Entry,
): Record<string, string> {
  return Object.fromEntries(
    (entries ?? []).map((entry) => [String(entry[name]), String(entry[value] ?? '')]),
  );
}

/** Names of the executions that run now. */
export async function readRunning(config: AwsConfig, stateMachineArn: string): Promise<string[]> {
  const client = new SFNClient(config as object);
  const request = { stateMachineArn, statusFilter: 'RUNNING' as const, maxResults: 100 };
  const { executions = [] } = await client.send(new ListExecutionsCommand(request));
  return executions.map(({ name = '' }) => name);
}
