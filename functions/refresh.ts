// `refresh`: adds the requests in the queue to those that wait, and starts the execution that answers them. An invalid
// request stays in the queue, which moves it to the dead letters after its retries.
import { SFNClient } from '@aws-sdk/client-sfn';
import type { SQSBatchResponse } from 'aws-lambda';
import { createConnection } from '../lib/aws/connection.ts';
import { createExecutions } from '../lib/aws/execution.ts';
import { readLambdaEnvironment } from '../lib/environment/configuration.ts';
import { openDestination } from '../lib/run/context.ts';
import { refreshRunId } from '../lib/run/run-id.ts';
import { startRefreshes } from '../lib/run/turn/start-refreshes.ts';
import { createHandler } from './create-handler.ts';
import { parseRefreshRequest, queueBatch } from './events.ts';

function initialise() {
  const environment = readLambdaEnvironment(['destination', 'stateMachine']);
  const store = openDestination(environment.destination, environment);
  const client = new SFNClient(createConnection(environment));
  return { store, executions: createExecutions(client, environment.stateMachine) };
}

export const handler = createHandler(
  { eventStruct: queueBatch, logKeys: () => ({}), initialise },
  async ({ Records }, { resources, logger }): Promise<SQSBatchResponse> => {
    const failed = new Set<string>();
    const fail = (messageId: string, { name, message }: Error): void => {
      logger.error(message, { error_name: name, message_id: messageId });
      failed.add(messageId);
    };
    const requests = Records.flatMap(({ messageId, body }) => {
      try {
        const { id, time, detail } = parseRefreshRequest(body);
        return [{ messageId, id, run: refreshRunId({ id, time }), ...detail }];
      } catch (error) {
        fail(messageId, error as Error);
        return [];
      }
    });
    for (const { run, status, answers, error } of await startRefreshes(resources, requests)) {
      for (const { id, reason } of answers) logger.info(status, { run, reason, request: id });
      if (error) for (const { messageId } of answers) fail(messageId, error);
    }
    return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
  },
);
