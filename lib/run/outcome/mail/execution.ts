// An ended execution of the state machine, and how the operator reaches it.
import { parseRunId } from '../../run-id.ts';

/**
 * As EventBridge reports it ("Step Functions Execution Status Change"). `startDate` is in milliseconds since 1970.
 * `input` is null if it was too large for the event, `error` and `cause` unless the execution failed.
 */
export interface EndedExecution {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: string;
  readonly startDate: number;
  readonly input?: string | null | undefined;
  readonly error?: string | null | undefined;
  readonly cause?: string | null | undefined;
}

/** The stack's name, which is that of its state machine. */
export const stackOf = ({ stateMachineArn }: EndedExecution): string =>
  stateMachineArn.split(':').at(-1) ?? '';

/** The input as an object; empty if it is missing or no object. */
export function inputOf({ input }: EndedExecution): Readonly<Record<string, unknown>> {
  const value: unknown = parseJsonText(input ?? '{}');
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** The run's id: from the input, or from the name, which is the id if an event started the run. Null if neither is one. */
export const runOf = (execution: EndedExecution): string | null =>
  parseRunId(String(inputOf(execution).run ?? '')) ?? parseRunId(execution.name) ?? null;

/** The error's name and message. Lambda gives the cause as JSON with `errorMessage`, a state as text. */
export function failureOf({ error, cause }: EndedExecution): { name: string; message: string } {
  const { errorMessage } = Object(parseJsonText(cause ?? '')) as { errorMessage?: unknown };
  const message = typeof errorMessage === 'string' ? errorMessage : (cause ?? '');
  return { name: error ?? '', message: message === '' ? 'AWS gave no reason' : message };
}

function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The console's host for each partition of AWS. */
const CONSOLES: Readonly<Record<string, string>> = {
  'aws-cn': 'console.amazonaws.cn',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
};

/** The address of the execution in the console. */
export function consoleUrl({ executionArn }: EndedExecution): string {
  const [, partition = '', , region = ''] = executionArn.split(':');
  const host = CONSOLES[partition] ?? 'console.aws.amazon.com';
  return `https://${region}.${host}/states/home?region=${region}#/v2/executions/details/${executionArn}`;
}

/** The command that starts an execution with this input. */
export function startCommand({ stateMachineArn }: EndedExecution, input: string): string {
  const region = stateMachineArn.split(':')[3];
  return `aws stepfunctions start-execution --region ${region} --state-machine-arn ${stateMachineArn} --input ${input}`;
}

/** Quotes a text for a POSIX shell. */
export const shellQuote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
