// The resources of the functions `plan`, `fetch` and `publish`, and the contexts that they pass to `lib/run`.
// Resources are created once per cold start: configuration, store, announcer and key source. A context is created for
// each invocation: it adds the run's id, the abort signal, the log and, for `plan` and `fetch`, an API client.
import { SSMClient } from '@aws-sdk/client-ssm';
import { createAnnouncer } from '../lib/aws/announcer.ts';
import { createConnection } from '../lib/aws/connection.ts';
import { createEdge } from '../lib/aws/edge.ts';
import { createParameterKeys } from '../lib/aws/key.ts';
import { createClientLogger } from '../lib/aws/log.ts';
import { type LambdaEnvironment, readLambdaEnvironment } from '../lib/environment/configuration.ts';
import { createRenewingClient, type KeySource, sourceUrlOf } from '../lib/run/api-client.ts';
import {
  type ApiContext,
  createSharedContext,
  openDestination,
  type RunContext,
  type SharedContext,
} from '../lib/run/context.ts';
import type { Invocation } from './create-handler.ts';

/** The resources of `publish`. */
export interface RunResources {
  readonly environment: LambdaEnvironment;
  readonly sharedContext: SharedContext;
}

/** The resources of `plan` and `fetch`, which send requests to the API. */
export interface ApiResources extends RunResources {
  readonly keys: KeySource;
}

/** Creates the resources of `publish`. @throws {ConfigurationError} naming every variable that is missing or wrong */
export const createRunResources = (): RunResources => createResources(readLambdaEnvironment(['destination']));

/** Creates the resources of `plan` and `fetch`. @throws as `createRunResources` */
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
  const destinations = { store, announcer: createAnnouncer(environment), edge: createEdge(environment) };
  return { environment, sharedContext: createSharedContext(environment, destinations) };
}

/** Creates the context of a run in this invocation. */
export const createRunContext = (
  run: string,
  { resources, logger, signal }: Invocation<RunResources>,
): RunContext => ({
  ...resources.sharedContext,
  run,
  signal,
  onProgress: (progress) => logger.debug('progress', { progress }),
});

/** Share of an invocation's time for API calls with their retries and waits. The rest is for staging the rows. */
const CALL_TIME_SHARE = 0.8;

/**
 * Creates the context of a run with an API client. The time for API calls is divided by `calls`, the number of calls
 * that the function makes one after the other. Dispose of the context to close the client's connections.
 */
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
