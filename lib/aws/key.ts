// Reads the API keys from SSM SecureString parameters at the first request and keeps them in memory only. They are read
// again when the API refuses them, so a new key needs no deployment.
import { GetParameterCommand, ParameterNotFound, type SSMClient } from '@aws-sdk/client-ssm';
import { ConfigurationError } from '../environment/configuration.ts';
import type { ApiKeys, KeySource } from '../run/api-client.ts';

/** Names of the SSM parameters. The secondary key is optional. */
export interface KeyParameters {
  readonly primary: string;
  readonly secondary: string | null;
}

/** Creates the key source. Its reads throw a ConfigurationError if a parameter is missing, blank or not encrypted. */
export function createParameterKeys(ssm: SSMClient, { primary, secondary }: KeyParameters): KeySource {
  let cached: Promise<ApiKeys> | undefined;
  const readBoth = async (): Promise<ApiKeys> => ({
    primary: await readParameter(ssm, primary),
    secondary: secondary === null ? null : await readParameter(ssm, secondary),
  });
  const renew = (): Promise<ApiKeys> => {
    const reading = readBoth();
    cached = reading;
    reading.catch(() => {
      if (cached === reading) cached = undefined;
    });
    return reading;
  };
  return { location: `the SSM parameter ${primary}`, read: () => cached ?? renew(), renew };
}

async function readParameter(ssm: SSMClient, name: string): Promise<string> {
  const region = await ssm.config.region();
  const command = new GetParameterCommand({ Name: name, WithDecryption: true });
  const { Parameter: found } = await ssm.send(command).catch((error: unknown) => {
    throw error instanceof ParameterNotFound
      ? parameterError(name, `is not in region ${region}`, region)
      : error;
  });
  if (found?.Type !== 'SecureString')
    throw parameterError(name, `is a ${found?.Type}, which lies there in the clear`, region);
  const key = found.Value?.trim() ?? '';
  if (key === '') throw parameterError(name, 'is blank', region);
  return key;
}

const parameterError = (name: string, fault: string, region: string): ConfigurationError =>
  new ConfigurationError(
    `the SSM parameter ${name} ${fault}: put the key of the DTM API there, ` +
      `aws ssm put-parameter --region ${region} --type SecureString --overwrite --name ${name} --value ...`,
  );
