// What the functions of a run are made of: the store, whom events are told to, and the API's client with its keys.

import { SSMClient } from '@aws-sdk/client-ssm';
import { announcerOf } from '../lib/aws/announcer.ts';
import { connectionOf } from '../lib/aws/connection.ts';
import { parameterKeys } from '../lib/aws/key.ts';
import { clientLog } from '../lib/aws/log.ts';
import { type LambdaEnvironment, readLambdaEnvironment } from '../lib/environment/configuration.ts';
import { type KeySource, renewingClient, sourceUrlOf } from '../lib/run/api-client.ts';
import type { AskingContext, RunContext } from '../lib/run/context.ts';
import { openPlace, type Surroundings, surroundingsOf } from '../lib/run/context.ts';

import type { Given } from './handler.ts';

export interface RunSetting {
  readonly environment: LambdaEnvironment;
  readonly surroundings: Surroundings;
}

export interface AskingSetting extends RunSetting {
  readonly keys: KeySource;
}

/** What every stage needs. @throws {ConfigurationError} naming all that is missing or wrong */
export const runSetting = (): RunSetting => settingOf(readLambdaEnvironment(['destination']));

/** What the stages need that ask the API. @throws as `runSetting` */
export function askingSetting(): AskingSetting {
  const environment = readLambdaEnvironment(['destination', 'keyParameter']);
  const { keyParameter: primary, secondaryKeyParameter: secondary } = environment;
  return {
    ...settingOf(environment),
    keys: parameterKeys(new SSMClient(connectionOf(environment)), { primary, secondary }),
  };
}

function settingOf(environment: LambdaEnvironment & { readonly destination: string }): RunSetting {
  const store = openPlace(environment.destination, environment);
  const around = { store, announcer: announcerOf(environment) };
  return { environment, surroundings: surroundingsOf(environment, around) };
}

/** A run in this invocation. */
export const contextOf = (run: string, { setting, logger, signal }: Given<RunSetting>): RunContext => ({
  ...setting.surroundings,
  run,
  signal,
  onProgress: (progress) => logger.debug('progress', { progress }),
});

/** The share of an invocation's time that goes to calls, tries and waits included: the rest is for what comes of them. */
const FOR_CALLS = 0.8;

/** The same with the API's client, which is to make so many calls, one after the other, and then be disposed of. */
export function askingContextOf(
  run: string,
  given: Given<AskingSetting>,
  calls: number,
): AskingContext & Disposable {
  const { environment, keys } = given.setting;
  const api = renewingClient(keys, {
    apiVersion: environment.apiVersion,
    ...(environment.baseUrl === null ? {} : { baseUrl: environment.baseUrl }),
    proxyEnv: environment.proxyEnv,
    timeout: 120,
    maxElapsed: Math.max(1, (FOR_CALLS * given.seconds) / calls),
    logger: clientLog(given.logger),
  });
  const source = { url: sourceUrlOf(environment.baseUrl), apiVersion: environment.apiVersion };
  return { ...contextOf(run, given), api, source, [Symbol.dispose]: () => api[Symbol.dispose]() };
}
