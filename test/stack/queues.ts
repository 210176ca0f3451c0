// Queues as subscribers have them: on a topic by way of its filter, on a bus by way of a rule.
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

/** Makes a queue that topics and rules may send to. */
export async function newQueue(client: SQSClient, name: string): Promise<Queue> {
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
  const made = await client.send(new CreateQueueCommand({ QueueName: name, Attributes: { Policy } }));
  const url = made.QueueUrl ?? '';
  const wanted = { QueueUrl: url, AttributeNames: ['QueueArn' as const] };
  const { Attributes } = await client.send(new GetQueueAttributesCommand(wanted));
  return { url, arn: Attributes?.QueueArn ?? '' };
}

/** All messages that come within two seconds of waiting for one more. */
export async function messages(client: SQSClient, { url }: Queue): Promise<Record<string, unknown>[]> {
  const bodies: Record<string, unknown>[] = [];
  for (;;) {
    const wanted = { QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 2 };
    const { Messages = [] } = await client.send(new ReceiveMessageCommand(wanted));
    if (Messages.length === 0) return bodies;
    for (const { Body = '', ReceiptHandle } of Messages) {
      bodies.push(JSON.parse(Body));
      await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    }
  }
}

/** Subscribes a queue to what its filter lets pass, each message as it was published. */
export async function subscribe(
  client: SNSClient,
  { topicArn, queue }: { topicArn: string; queue: Queue },
  filter: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  const subscription = { TopicArn: topicArn, Protocol: 'sqs', Endpoint: queue.arn };
  const Attributes = { FilterPolicy: JSON.stringify(filter), RawMessageDelivery: 'true' };
  await client.send(new SubscribeCommand({ ...subscription, Attributes }));
}

/** Sends a queue the events of a bus that are of these types. */
export async function followBus(
  client: EventBridgeClient,
  { bus, queue }: { bus: string; queue: Queue },
  types: readonly string[],
): Promise<void> {
  const EventPattern = JSON.stringify({ 'detail-type': types });
  await client.send(new PutRuleCommand({ EventBusName: bus, Name: 'followed', EventPattern }));
  const Targets = [{ Id: 'queue', Arn: queue.arn }];
  await client.send(new PutTargetsCommand({ EventBusName: bus, Rule: 'followed', Targets }));
}
