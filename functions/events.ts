// The events of the functions, from the state machine, the queue and the bus. An unknown key is refused: a misspelt
// `countries` must not start a run for all countries.
import {
  array,
  boolean,
  coerce,
  dynamic,
  enums,
  type Infer,
  literal,
  nonempty,
  nullable,
  number,
  object,
  optional,
  refine,
  type Struct,
  StructError,
  size,
  string,
  type,
  unknown,
} from 'superstruct';
import { parseRunId } from '../lib/run/run-id.ts';

/** An event or a request has an unknown key or a wrong value. */
class EventError extends Error {
  override readonly name = 'EventError';
}

/** What to say in a message for each of superstruct's types and refinements. */
const EXPECTED: Readonly<Record<string, string>> = {
  never: 'no such field',
  type: 'object',
  enums: '0, 1 or 2',
  literal: 'dtm.refresh.requested',
  nonempty: 'at least one',
  size: '1 to 1000 characters',
};

/** Checks a value. `label` names it in the message. @throws {EventError} naming the field, the expected and the actual value */
export function parseEvent<T>(label: string, value: unknown, struct: Struct<T>): T {
  try {
    return struct.create(value);
  } catch (error) {
    if (!(error instanceof StructError)) throw error;
    const field = error.path.length > 0 ? error.path.join('.') : 'it';
    const received = JSON.stringify(error.value)?.slice(0, 100) ?? 'nothing';
    const kind = error.refinement ?? error.type;
    throw new EventError(`${label}: ${field}: expected ${EXPECTED[kind] ?? kind}, got ${received}`);
  }
}

const TIME = '2026-11-24T05:00:00Z';
const RUN = `a run id or time like ${TIME}`;
const run = coerce(
  refine(string(), RUN, (text) => parseRunId(text) === text),
  string(),
  (text) => parseRunId(text) ?? text,
);
const country = refine(string(), 'an ISO3 code like HTI', (text) => /^[A-Z]{3}$/.test(text));
const level = enums([0, 1, 2]);
const selection = {
  countries: optional(nonempty(array(country))),
  levels: optional(nonempty(array(level))),
  accept_drop: optional(boolean()),
};

/** The input of an execution of the state machine. */
export const runInput = object({
  run,
  ...selection,
  reissue: optional(boolean()),
  resume: optional(boolean()),
  refresh: optional(boolean()),
});

export const planEvent = object({ input: runInput, execution: nonempty(string()) });
/** `since` is the start time of the execution. */
export const fetchEvent = object({ run, level, country, again: boolean(), since: optional(string()) });
/** An execution that a version of before had started names no `execution`. */
const publishRequest = object({
  run,
  accept_drop: boolean(),
  reissue: boolean(),
  execution: optional(string()),
});
/** The end of an execution with an error, as a state machine's `Catch` describes it. `input` may be wrong: it may be the error. */
const failureReport = object({
  input: unknown(),
  execution: string(),
  failure: object({ Error: string(), Cause: optional(string()) }),
});

export type PublishRequest = Infer<typeof publishRequest>;
export type FailureReport = Infer<typeof failureReport>;

/** What `publish` gets: a run to publish, or the failure of a run to record. */
export const publishEvent: Struct<PublishRequest | FailureReport> = dynamic<PublishRequest | FailureReport>(
  (event) =>
    (event instanceof Object && 'failure' in event ? failureReport : publishRequest) as Struct<
      PublishRequest | FailureReport
    >,
);

/** A refresh request from the bus, as EventBridge wraps it. `reason` goes into the log. */
export const refreshRequest = type({
  id: nonempty(string()),
  time: refine(string(), `a time like ${TIME}`, (text) => parseRunId(text)?.length === TIME.length),
  'detail-type': literal('dtm.refresh.requested'),
  detail: object({ ...selection, reason: size(string(), 1, 1000) }),
});

/** Parses the body of a message. @throws {EventError} */
export const parseRefreshRequest = (body: string) =>
  parseEvent('the request', parseBody(body), refreshRequest);

/** Parses JSON. A body that is not JSON is returned as text, and the check of the request refuses it. */
function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/** A batch from the queue. Each body is checked on its own. */
export const queueBatch = type({ Records: array(type({ messageId: string(), body: string() })) });

/** The end of an execution, as EventBridge reports it: `detail` is that of DescribeExecution, with times in milliseconds. */
export const executionEnded = type({
  detail: type({
    executionArn: string(),
    stateMachineArn: string(),
    name: string(),
    status: string(),
    startDate: number(),
    input: optional(nullable(string())),
    error: optional(nullable(string())),
    cause: optional(nullable(string())),
  }),
});

/** Any event: its content is not used. */
export const anyEvent = unknown();
