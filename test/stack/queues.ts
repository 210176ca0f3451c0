// Queues of subscribers: on a topic with a filter, and on a bus with a rule.
import { type EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { type SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

export interface Queue {
  readonly url: string;
  readonly arn: string;
}

/** Creates a queue that topics and rules may send to. */
export async function createQueue(client: SQSClient, name: string): Promise<Queue> {
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: ['sns.amazonaws.com', 'events.amazonaws.com'] },
        Action: 'sqs:SendMessage',
        Resource: '*',
      },
    ],
  });
  const created = await client.send(new CreateQueueCommand({ QueueName: name, Attributes: { Policy } }));
  const url = created.QueueUrl ?? '';
  const request = { QueueUrl: url, AttributeNames: ['QueueArn' as const] };
  const { Attributes } = await client.send(new GetQueueAttributesCommand(request));
  return { url, arn: Attributes?.QueueArn ?? '' };
}

/** Receives messages until none comes for two seconds. */
export async function receiveMessages(client: SQSClient, { url }: Queue): Promise<Record<string, unknown>[]> {
  const bodies: Record<string, unknown>[] = [];
  for (;;) {
    const request = { QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 2 };
    const { Messages = [] } = await client.send(new ReceiveMessageCommand(request));
    if (Messages.length === 0) return bodies;
    for (const { Body = '', ReceiptHandle } of Messages) {
      bodies.push(JSON.parse(Body));
      await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    }
  }
}

/** Subscribes a queue to a topic with a filter, with raw messages. */
export async function subscribe(
  client: SNSClient,
  { topicArn, queue }: { topicArn: string; queue: Queue },
  filter: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  const subscription = { TopicArn: topicArn, Protocol: 'sqs', Endpoint: queue.arn };
  const Attributes = { FilterPolicy: JSON.stringify(filter), RawMessageDelivery: 'true' };
  await client.send(new SubscribeCommand({ ...subscription, Attributes }));
}

/** Adds a rule that sends events of these types from a bus to a queue. */
export async function routeEvents(
  client: EventBridgeClient,
  { bus, queue }: { bus: string; queue: Queue },
  types: readonly string[],
): Promise<void> {
  const EventPattern = JSON.stringify({ 'detail-type': types });
  await client.send(new PutRuleCommand({ EventBusName: bus, Name: 'followed', EventPattern }));
  const Targets = [{ Id: 'queue', Arn: queue.arn }];
  await client.send(new PutTargetsCommand({ EventBusName: bus, Rule: 'followed', Targets }));
}
