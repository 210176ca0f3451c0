// The base of all functions. It checks the event first, adds run and unit to every log line, logs an error as one line
// with a literal name, and stops the work before the time limit, so that there is time to log.
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics } from '@aws-lambda-powertools/metrics';
import middy, { type MiddlewareObj } from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Struct } from 'superstruct';
import { NAMESPACE } from '../lib/aws/metrics.ts';
import { parseEvent } from './events.ts';

/** Milliseconds before the time limit at which the work stops: enough to log and to write the metrics. */
const RESERVED_MILLISECONDS = 10_000;

/** The work was stopped because the time limit was near. Finished work is kept. */
class EarlyTimeoutError extends Error {
  override readonly name = 'EarlyTimeoutError';
}

/** The parts of a function. `E` is its event, `S` its resources. */
export interface HandlerOptions<E, S> {
  /** Checks the event. */
  readonly eventStruct: Struct<E>;
  /** Returns the run and unit of the event, for every log line. */
  readonly logKeys: (event: E) => Record<string, unknown>;
  /** Reads the configuration and creates the clients: once per cold start, at the first event. */
  readonly initialise: () => S;
}

/** What the work of one invocation gets. */
export interface Invocation<S> {
  readonly resources: S;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Seconds until `signal` is aborted because the time limit is near. */
  readonly seconds: number;
  readonly signal: AbortSignal;
}

/** Creates a Lambda handler that checks its event, logs in one format and stops before its time limit. */
export function createHandler<E, S, R>(
  { eventStruct, logKeys, initialise }: HandlerOptions<E, S>,
  work: (event: E, invocation: Invocation<S>) => Promise<R>,
): (event: unknown, context: Context) => Promise<R> {
  const [logger, metrics] = [new Logger(), new Metrics({ namespace: NAMESPACE })];
  let resources: S | undefined;
  const handler = async (event: unknown, context: Context, { signal }: { signal: AbortSignal }) => {
    resources ??= initialise();
    const seconds = Math.max(0, context.getRemainingTimeInMillis() - RESERVED_MILLISECONDS) / 1000;
    return work(event as E, { resources, logger, metrics, seconds, signal });
  };
  // middy stops the chain if a middleware returns a value. So these return nothing.
  return middy<unknown, R>(handler, {
    timeoutEarlyInMillis: RESERVED_MILLISECONDS,
    timeoutEarlyResponse: throwEarlyTimeout,
  })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .use(writeMetrics(metrics))
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

/** JavaScript's own errors. They are bugs of this program, so they are logged with the stack. */
const PROGRAM_ERRORS = ['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'];

const logErrors = (logger: Logger): MiddlewareObj => ({
  onError: ({ error }) => {
    if (!error || PROGRAM_ERRORS.includes(error.name))
      logger.error('a mistake in this program, please report it', { error });
    else logger.error(error.message.replaceAll(/\s*[\r\n]+\s*/g, ' '), { error_name: error.name });
  },
});

function writeMetrics(metrics: Metrics): MiddlewareObj {
  const write = (): void => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  return { after: write, onError: write };
}
