// `refresh`: starts a run for each refresh request in the queue. An invalid request stays in the queue, which moves it
// to the dead letters after its retries. A request that is delivered twice starts one run.
import { SFNClient } from '@aws-sdk/client-sfn';
import type { SQSBatchItemFailure, SQSBatchResponse } from 'aws-lambda';
import { createConnection } from '../lib/aws/connection.ts';
import { createExecutions } from '../lib/aws/execution.ts';
import { readLambdaEnvironment } from '../lib/environment/configuration.ts';
import { refreshRunId } from '../lib/run/run-id.ts';
import { createHandler } from './create-handler.ts';
import { parseEvent, queueBatch, refreshRequest } from './events.ts';

const initialise = (environment = readLambdaEnvironment(['stateMachine'])) =>
  createExecutions(new SFNClient(createConnection(environment)), environment.stateMachine);

export const handler = createHandler(
  { eventStruct: queueBatch, logKeys: () => ({}), initialise },
  async ({ Records }, { resources: executions, logger }): Promise<SQSBatchResponse> => {
    const batchItemFailures: SQSBatchItemFailure[] = [];
    for (const { messageId, body } of Records) {
      try {
        const { id, time, detail } = parseEvent('the request', parseBody(body), refreshRequest);
        const { reason, ...selection } = detail;
        const run = refreshRunId({ id, time });
        logger.info(await executions.start(run, { run, ...selection }), { run, reason, request: id });
      } catch (error) {
        const { name, message } = error as Error;
        logger.error(message, { error_name: name, message_id: messageId });
        batchItemFailures.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures };
  },
);

/** Parses JSON. A body that is not JSON is returned as text, and the check of the request refuses it. */
function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
