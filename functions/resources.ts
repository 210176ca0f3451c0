// What the functions of a run are made of: the store, whom events are told to, and the API's client with its keys.

import { SSMClient } from '@aws-sdk/client-ssm';
import { createAnnouncer } from '../lib/aws/announcer.ts';
import { createConnection } from '../lib/aws/connection.ts';
import { createParameterKeys } from '../lib/aws/key.ts';
import { createClientLogger } from '../lib/aws/log.ts';
import { type LambdaEnvironment, readLambdaEnvironment } from '../lib/environment/configuration.ts';
import { createRenewingClient, type KeySource, sourceUrlOf } from '../lib/run/api-client.ts';
import type { ApiContext, RunContext } from '../lib/run/context.ts';
import { createSharedContext, openDestination, type SharedContext } from '../lib/run/context.ts';

import type { Invocation } from './create-handler.ts';

export interface RunResources {
  readonly environment: LambdaEnvironment;
  readonly sharedContext: SharedContext;
}

export interface ApiResources extends RunResources {
  readonly keys: KeySource;
}

/** What every stage needs. @throws {ConfigurationError} naming all that is missing or wrong */
export const createRunResources = (): RunResources => createResources(readLambdaEnvironment(['destination']));

/** What the stages need that ask the API. @throws as `runSetting` */
export function createApiResources(): ApiResources {
  const environment = readLambdaEnvironment(['destination', 'keyParameter']);
  const { keyParameter: primary, secondaryKeyParameter: secondary } = environment;
  return {
    ...createResources(environment),
    keys: createParameterKeys(new SSMClient(createConnection(environment)), { primary, secondary }),
  };
}

function createResources(environment: LambdaEnvironment & { readonly destination: string }): RunResources {
  const store = openDestination(environment.destination, environment);
  const destinations = { store, announcer: createAnnouncer(environment) };
  return { environment, sharedContext: createSharedContext(environment, destinations) };
}

/** A run in this invocation. */
export const createRunContext = (
  run: string,
  { resources, logger, signal }: Invocation<RunResources>,
): RunContext => ({
  ...resources.sharedContext,
  run,
  signal,
  onProgress: (progress) => logger.debug('progress', { progress }),
});

/** The share of an invocation's time that goes to calls, tries and waits included: the rest is for what comes of them. */
const CALL_TIME_SHARE = 0.8;

/** The same with the API's client, which is to make so many calls, one after the other, and then be disposed of. */
export function createApiContext(
  run: string,
  invocation: Invocation<ApiResources>,
  calls: number,
): ApiContext & Disposable {
  const { environment, keys } = invocation.resources;
  const api = createRenewingClient(keys, {
    apiVersion: environment.apiVersion,
    ...(environment.baseUrl === null ? {} : { baseUrl: environment.baseUrl }),
    proxyEnv: environment.proxyEnv,
    timeout: 120,
    maxElapsed: Math.max(1, (CALL_TIME_SHARE * invocation.seconds) / calls),
    logger: createClientLogger(invocation.logger),
  });
  const source = { url: sourceUrlOf(environment.baseUrl), apiVersion: environment.apiVersion };
  return { ...createRunContext(run, invocation), api, source, [Symbol.dispose]: () => api[Symbol.dispose]() };
}
