// Where events go: a topic, by whose message attributes subscribers choose, and a bus, by whose patterns rules do.
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type MessageAttributeValue, PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { AnnouncementError, type Announcer, type DtmEvent } from '../catalogue/announce.ts';

/** SNS and EventBridge: bytes that a message has at most, its attributes and envelope included. */
const MAX_MESSAGE_BYTES = 256 * 1024;
/** More than attributes and envelope ever take. */
const RESERVED_BYTES = 16 * 1024;

/** Publishes events to a topic, with the attributes `type`, `schema_major` and `changed_countries` to filter by. */
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

/** Puts events on a bus: `detail-type` is the event's type, `detail` the event. */
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
    const { ErrorCode: code, ErrorMessage: words } = Entries?.[0] ?? {};
    throw new AnnouncementError(`event ${event.id}: the bus ${bus} refused it (${code}: ${words})`);
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

/** Countries are left out where there are none, so that whoever filters by them gets nothing. */
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
