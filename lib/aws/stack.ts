// Reads where a deployed stack keeps its dataset, and whom it tells of changes, from the outputs of the stack.
import type { CloudFormationClient, Stack } from '@aws-sdk/client-cloudformation';
import { ConfigurationError, type Environment } from '../environment/configuration.ts';
import { createConnection } from './connection.ts';
import { ServiceError } from './service-error.ts';

/** A deployed stack. */
export interface DeployedStack {
  /** `s3://bucket`. */
  readonly destination: string;
  readonly topicArn: string;
  readonly eventBus: string;
  /** The Glue database for Athena. */
  readonly database: string;
  /** The address for readers, with a slash at its end. Null if the dataset is private. */
  readonly publicUrl: string | null;
  /** The id of the CloudFront distribution. Null if the dataset is private. */
  readonly distribution: string | null;
}

/**
 * Reads a stack by name in the region and account of the AWS SDK's settings.
 * @throws {ConfigurationError} if it is missing, may not be read, or lacks an output; {ServiceError}
 */
export async function readStack(
  name: string,
  environment: Pick<Environment, 'proxyEnv'>,
): Promise<DeployedStack> {
  const stack = await describeStack(name, environment);
  const outputs = new Map(stack.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  const read = (output: string): string => outputs.get(output) ?? throwMissing(name, output, stack);
  const publicUrl = outputs.get('DistributionUrl') ?? null;
  return {
    destination: `s3://${read('BucketName')}`,
    topicArn: read('TopicArn'),
    eventBus: read('EventBusName'),
    database: read('DatabaseName'),
    publicUrl,
    distribution: publicUrl === null ? null : read('DistributionId'),
  };
}

function throwMissing(name: string, output: string, { StackStatus }: Stack): never {
  throw new ConfigurationError(
    `--stack ${name}: expected the output ${output}, found none (${StackStatus}); deploy this version of dtm-exporter there, or name another stack`,
  );
}

async function describeStack(name: string, { proxyEnv }: Pick<Environment, 'proxyEnv'>): Promise<Stack> {
  const { CloudFormationClient: Client, DescribeStacksCommand } = await import(
    '@aws-sdk/client-cloudformation'
  );
  const client = new Client(createConnection({ proxyEnv }));
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks[0] ?? throwUnknown(name, await regionOf(client));
  } catch (error) {
    throw await describeError(error as SdkError, name, client);
  } finally {
    client.destroy();
  }
}

type SdkError = Error & { readonly $metadata?: { readonly httpStatusCode?: number } };

async function describeError(error: SdkError, name: string, client: CloudFormationClient): Promise<Error> {
  if (error instanceof ConfigurationError) return error;
  const region = await regionOf(client);
  const { name: code, message, $metadata } = error;
  if (code === 'ValidationError' && message.includes('does not exist')) return unknownStack(name, region);
  const status = $metadata?.httpStatusCode ?? 0;
  const reason = `${code}: ${message}`;
  // Without a status no request was answered: there is no region or key, or no network.
  const isSetting = code === 'CredentialsProviderError' || region === null;
  const isRefused = status >= 400 && status < 500 && !/^Throttling|^TooManyRequests/.test(code);
  if (isSetting || isRefused)
    return new ConfigurationError(
      `--stack ${name}: it cannot be read in ${region ?? 'no region'} (${reason}); set AWS_REGION, and credentials that allow cloudformation:DescribeStacks`,
    );
  return new ServiceError(
    `--stack ${name}: CloudFormation in ${region} gave no answer (${reason}); try again`,
  );
}

const unknownStack = (name: string, region: string | null): ConfigurationError =>
  new ConfigurationError(
    `--stack ${name}: expected a deployed stack, found none in ${region} in the account of these credentials; its name is dtm-exporter-<stage>, and AWS_REGION and AWS_PROFILE choose region and account`,
  );

function throwUnknown(name: string, region: string | null): never {
  throw unknownStack(name, region);
}

/** The region of the SDK's settings. Null if they name none. */
const regionOf = (client: CloudFormationClient): Promise<string | null> =>
  client.config.region().catch(() => null);
