// `refresh`: requests from the bus, queued, each starting a run. A request that cannot be read stays in the queue, which
// hands it on to the dead letters; one that comes twice starts one run.
import { SFNClient } from '@aws-sdk/client-sfn';
import type { SQSBatchItemFailure, SQSBatchResponse } from 'aws-lambda';
import { connectionOf } from '../lib/aws/connection.ts';
import { executionsOf } from '../lib/aws/execution.ts';
import { readLambdaEnvironment } from '../lib/environment/configuration.ts';
import { refreshRunId } from '../lib/run/run-id.ts';
import { batch, parse, refreshRequest } from './events.ts';
import { openDoor } from './handler.ts';

const cold = (environment = readLambdaEnvironment(['stateMachine'])) =>
  executionsOf(new SFNClient(connectionOf(environment)), environment.stateMachine);

export const handler = openDoor(
  { shape: batch, facts: () => ({}), cold },
  async ({ Records }, { setting: executions, logger }): Promise<SQSBatchResponse> => {
    const batchItemFailures: SQSBatchItemFailure[] = [];
    for (const { messageId, body } of Records) {
      try {
        const { id, time, detail } = parse('the request', json(body), refreshRequest);
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

/** A body that is not JSON is what it is: a text, where a request is expected. */
function json(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
