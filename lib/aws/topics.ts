// Sends events to an SNS topic, whose subscribers filter by message attributes, and to an EventBridge bus, whose rules
// filter by patterns.
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type MessageAttributeValue, PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { AnnouncementError, type Announcer, type DtmEvent } from '../catalogue/announce.ts';

/** SNS and EventBridge: the limit for a message with its attributes and envelope. */
const MAX_MESSAGE_BYTES = 256 * 1024;
/** Bytes reserved for attributes and envelope. They always need less. */
const RESERVED_BYTES = 16 * 1024;

/** Creates an announcer for a topic. Subscribers can filter by `type`, `schema_major` and `changed_countries`. */
export const createTopicAnnouncer = (sns: SNSClient, topicArn: string): Announcer => ({
  async announce(event) {
    const message = serialiseEvent(event);
    await sns.send(
      new PublishCommand({
        TopicArn: topicArn,
        Message: message,
        MessageAttributes: attributesOf(event),
      }),
    );
  },
});

/** Creates an announcer for a bus. `detail-type` is the event's type, `detail` the event. */
export const createBusAnnouncer = (client: EventBridgeClient, bus: string): Announcer => ({
  async announce(event) {
    const { FailedEntryCount: failed, Entries } = await client.send(
      new PutEventsCommand({
        Entries: [
          {
            EventBusName: bus,
            Source: event.source,
            DetailType: event.type,
            Detail: serialiseEvent(event),
            Time: new Date(event.time),
          },
        ],
      }),
    );
    if (!failed) return;
    const { ErrorCode: code, ErrorMessage: message } = Entries?.[0] ?? {};
    throw new AnnouncementError(`event ${event.id}: the bus ${bus} refused it (${code}: ${message})`);
  },
});

function serialiseEvent(event: DtmEvent): string {
  const message = JSON.stringify(event);
  const bytes = Buffer.byteLength(message);
  if (bytes > MAX_MESSAGE_BYTES - RESERVED_BYTES)
    throw new AnnouncementError(
      `event ${event.id}: expected at most ${MAX_MESSAGE_BYTES - RESERVED_BYTES} bytes, got ${bytes}`,
    );
  return message;
}

/** The message attributes. Without changed countries that attribute is left out, so a filter on it does not match. */
function attributesOf({ type, data }: DtmEvent): Record<string, MessageAttributeValue> {
  const text = (value: string) => ({ DataType: 'String', StringValue: value });
  const countries = JSON.stringify(data.changed_countries);
  return {
    type: text(type),
    schema_major: text(data.schema_version.split('.')[0] ?? ''),
    ...(data.changed_countries.length > 0 && {
      changed_countries: { DataType: 'String.Array', StringValue: countries },
    }),
  };
}
