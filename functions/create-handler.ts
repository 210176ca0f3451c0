// What all functions share: an event is checked before anything is done, every line of the log says which run and unit it
// speaks of, an error is one clear line with a literal name, and work stops while there is still time to say so.
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import middy, { type MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Struct } from 'superstruct';
import { NAMESPACE } from '../lib/aws/metrics.ts';
import { parseEvent } from './events.ts';

/** Milliseconds before a function's time limit at which it stops: enough to log, and to write the metrics. */
const RESERVED_MILLISECONDS = 10_000;

/** The time limit was near; what was done is kept. */
class EarlyTimeoutError extends Error {
  override readonly name = 'EarlyTimeoutError';
}

/** What a function does with its event, and what it is made of. */
export interface HandlerOptions<E, S> {
  readonly eventStruct: Struct<E>;
  /** What the event says of run and unit, for every line of the log. */
  readonly logKeys: (event: E) => Record<string, unknown>;
  /** Reads the configuration and makes the clients, once per cold start, when the first event comes. */
  readonly initialise: () => S;
  /** Told when the function ends in an error. */
  readonly onFailure?: (metrics: Metrics) => void;
}

/** What an invocation works with. */
export interface Invocation<S> {
  readonly resources: S;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Seconds for the work, before `signal` is aborted since the time limit is near. */
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** Makes a function of what it does. */
export function createHandler<E, S, R>(
  { eventStruct, logKeys, initialise, onFailure = () => {} }: HandlerOptions<E, S>,
  work: (event: E, invocation: Invocation<S>) => Promise<R>,
): (event: unknown, context: Context) => Promise<R> {
  const [logger, metrics] = [new Logger(), new Metrics({ namespace: NAMESPACE })];
  let resources: S | undefined;
  const handler = async (event: unknown, context: Context, { signal }: { signal: AbortSignal }) => {
    resources ??= initialise();
    const seconds = Math.max(0, context.getRemainingTimeInMillis() - RESERVED_MILLISECONDS) / 1000;
    return work(event as E, { resources, logger, metrics, seconds, signal });
  };
  // A middleware that returned anything would end the chain there: all of ours return nothing.
  return middy<unknown, R>(handler, {
    timeoutEarlyInMillis: RESERVED_MILLISECONDS,
    timeoutEarlyResponse: throwEarlyTimeout,
  })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(writeMetrics(metrics, onFailure))
    .use(logErrors(logger))
    .use(checkEvent(eventStruct, (event) => logger.appendKeys(logKeys(event))));
}

function throwEarlyTimeout(): never {
  throw new EarlyTimeoutError(
    `stopped ${RESERVED_MILLISECONDS / 1000} s before this function's time limit; what was done is kept, start the run again`,
  );
}

const checkEvent = <E>(struct: Struct<E>, onEvent: (event: E) => void): MiddlewareObj => ({
  before: (request) => {
    const event = parseEvent('the event', request.event, struct);
    request.event = event;
    onEvent(event);
  },
});

/** JavaScript's own errors: mistakes in the program, whose report needs the stack. */
const PROGRAM_ERRORS = ['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'];

const logErrors = (logger: Logger): MiddlewareObj => ({
  onError: ({ error }) => {
    if (!error || PROGRAM_ERRORS.includes(error.name))
      logger.error('a mistake in this program, please report it', { error });
    else logger.error(error.message.replaceAll(/\s*[\r\n]+\s*/g, ' '), { error_name: error.name });
  },
});

function writeMetrics(metrics: Metrics, onFailure: (metrics: Metrics) => void): MiddlewareObj {
  const write = (): void => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  return {
    after: write,
    onError: () => {
      onFailure(metrics);
      write();
    },
  };
}
