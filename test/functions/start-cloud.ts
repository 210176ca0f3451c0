// The test environment of the functions: the real handlers, each after a cold start, with a folder, the simulator and a
// server in place of AWS. A local interpreter runs the real state machine.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Context } from 'aws-lambda';
import { StateMachine } from 'aws-local-stepfunctions';
import type { Simulator, SimulatorOptions } from '../../lib/simulator/server.ts';
import { ROOT, simulator, temporaryFolder } from '../setting.ts';
import { type Aws, startAws } from './start-aws.ts';

const { load } = createRequire(import.meta.url)('js-yaml') as { load: (text: string) => unknown };

export type FunctionName = 'plan' | 'fetch' | 'publish' | 'refresh' | 'repoint' | 'notify';
type Handler = (event: unknown, context: Context) => Promise<unknown>;

export const KEY = 'key-in-the-parameter-0123456789';
export const PARAMETER = '/dtm/key';

/** A line of the log, or the metrics of an invocation. */
export type LogRecord = Record<string, unknown>;

export interface Cloud {
  readonly folder: string;
  readonly api: Simulator;
  readonly aws: Aws;
  /** All log lines and metrics that the functions printed. */
  readonly lines: LogRecord[];
  /** Calls a function; the first call of each is a cold start. */
  call(name: FunctionName, event: unknown, remaining?: number): Promise<unknown>;
  /** Makes the next call of each function a cold start, in an environment with these changes. */
  restart(environment?: Record<string, string>): void;
}

export interface CloudOptions {
  readonly apiOptions?: SimulatorOptions;
  readonly environment?: Record<string, string>;
}

/** Starts a test environment. It changes `process.env`, so the tests of a file run one after the other. */
export async function startCloud(
  t: TestContext,
  { apiOptions, environment }: CloudOptions = {},
): Promise<Cloud> {
  const [folder, api, aws] = [
    await temporaryFolder(t),
    await simulator(t, { key: KEY, ...apiOptions }),
    await startAws(t),
  ];
  aws.parameters.set(PARAMETER, KEY);
  const before = process.env;
  const defaults = {
    ...{ AWS_ENDPOINT_URL: aws.url, AWS_REGION: 'eu-central-1' },
    ...{
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      POWERTOOLS_SERVICE_NAME: 'dtm-exporter-test',
    },
    ...{ DTM_DESTINATION: folder, DTM_KEY_PARAMETER: PARAMETER, DTMAPI_URL: api.url, DTM_API_VERSION: 'v3' },
    ...{ DTM_TOPIC_ARN: 'arn:aws:sns:x:1:releases', DTM_EVENT_BUS: 'releases', DTM_GLUE_DATABASE: 'dtm' },
    ...{
      DTM_STATE_MACHINE: 'arn:aws:states:x:1:stateMachine:m',
      DTM_ALARM_TOPIC_ARN: 'arn:aws:sns:x:1:alarms',
    },
  };
  const lines = captureLog(t);
  let idle: [FunctionName, Handler][] = [];
  const restart: Cloud['restart'] = (more = {}) => {
    process.env = { ...defaults, ...environment, ...more };
    idle = [];
  };
  restart();
  t.after(() => {
    process.env = before;
  });
  // As in Lambda: each instance handles one invocation at a time, and if all are busy another one starts cold.
  const call: Cloud['call'] = async (name, event, remaining = 900_000) => {
    const at = idle.findIndex(([idleName]) => idleName === name);
    const [, handler] = idle.splice(at, at < 0 ? 0 : 1)[0] ?? [name, await coldStart(name)];
    try {
      return await handler(event, contextOf(name, remaining));
    } finally {
      idle.push([name, handler]);
    }
  };
  return { folder, api, aws, lines, call, restart };
}

let starts = 0;

/** Imports the module again, so that it has no state of earlier invocations. */
async function coldStart(name: FunctionName): Promise<Handler> {
  starts++;
  const module = (await import(`../../functions/${name}.ts?start=${starts}`)) as { handler: Handler };
  return module.handler;
}

const contextOf = (name: FunctionName, remaining: number): Context =>
  ({
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:x:1:function:${name}`,
    memoryLimitInMB: '512',
    awsRequestId: 'request-1',
    getRemainingTimeInMillis: () => remaining,
  }) as Context;

/** Captures the JSON lines that the functions print, and lets the test's own output pass. */
function captureLog(t: TestContext): LogRecord[] {
  const lines: LogRecord[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write;
    stream.write = ((chunk: unknown, ...more: never[]) => {
      if (typeof chunk !== 'string' || !chunk.startsWith('{"'))
        return write.call(stream, chunk as string, ...more);
      for (const line of chunk.trim().split('\n')) lines.push(JSON.parse(line) as LogRecord);
      return true;
    }) as typeof write;
    t.after(() => {
      stream.write = write;
    });
  }
  return lines;
}

/** The deployed definition, with function names instead of ARNs and a number instead of the parameter. */
export async function readDefinition(concurrency: number): Promise<object> {
  const text = await readFile(join(ROOT, 'infra/workflow.asl.yml'), 'utf8');
  const named = text.replaceAll(/\$\{(Plan|Fetch|Publish)Arn\}/g, (_, name: string) => name);
  const filled = named.replace(/(MaxConcurrency: )\$\{[^}]+\}/, `$1${concurrency}`);
  return load(filled) as object;
}

export interface Execution {
  readonly result: Record<string, unknown> | null;
  /** Name and cause of the error with which the execution failed. */
  readonly failure: { readonly name: string; readonly cause: string } | null;
  /** Bytes of the largest input or output of a state, as JSON. */
  readonly largest: number;
  /** The largest number of units that were fetched at once. */
  readonly peak: number;
}

let executions = 0;

/** Runs the state machine in a new execution, or in the one with the ARN `id`. */
export async function execute(
  { call }: Pick<Cloud, 'call'>,
  input: Record<string, unknown>,
  { concurrency = 4, id }: { concurrency?: number; id?: string } = {},
): Promise<Execution> {
  executions++;
  const arn = id ?? `arn:aws:states:x:1:execution:m:${executions}`;
  const machine = new StateMachine((await readDefinition(concurrency)) as never, {
    validationOptions: { checkArn: false },
  });
  const seen = { now: 0, peak: 0 };
  const invoke = (name: FunctionName) => async (event: { Payload: unknown }) => {
    seen.now += Number(name === 'fetch');
    seen.peak = Math.max(seen.peak, seen.now);
    try {
      const payload = await call(name, JSON.parse(JSON.stringify(event.Payload)));
      return { StatusCode: 200, Payload: JSON.parse(JSON.stringify(payload)) as unknown };
    } finally {
      seen.now -= Number(name === 'fetch');
    }
  };
  const handlers = {
    ...{ Plan: invoke('plan'), FetchUnit: invoke('fetch') },
    ...{ Publish: invoke('publish'), RecordFailure: invoke('publish') },
  };
  const running = machine.run(input as never, {
    overrides: {
      taskResourceLocalHandlers: handlers as never,
      // Milliseconds in place of the definition's seconds and minutes.
      waitTimeOverrides: { Collect: 1, WaitForTurn: 20 },
      retryIntervalOverrides: Object.fromEntries(Object.keys(handlers).map((name) => [name, 1])),
    },
    context: {
      Execution: { Id: arn, Input: input },
    } as never,
  });
  const measured = largestState(running.eventLogs);
  const ended = await running.result.then(
    (result) => ({ result: result as Record<string, unknown>, failure: null }),
    ({ cause }: { cause: Error }) => ({ result: null, failure: { name: cause.name, cause: cause.message } }),
  );
  return { ...ended, largest: await measured, peak: seen.peak };
}

async function largestState(events: AsyncGenerator<unknown>): Promise<number> {
  let largest = 0;
  for await (const event of events) largest = Math.max(largest, Buffer.byteLength(JSON.stringify(event)));
  return largest;
}
