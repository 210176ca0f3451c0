// Who is told of releases: whoever the environment names. The SDK is loaded with the first event, so that what tells
// nobody never waits for it.
import type { Environment } from '../config.ts';
import { AnnouncementError, type Announcer, type DtmEvent } from '../release/announce.ts';

/** Tells the topic, then the bus; null where neither is named. The first that fails ends it. */
export function announcerOf({
  topicArn,
  eventBus,
}: Pick<Environment, 'topicArn' | 'eventBus'>): Announcer | null {
  if (topicArn === null && eventBus === null) return null;
  let making: Promise<Announcer[]> | undefined;
  return {
    async announce(event) {
      making ??= make(topicArn, eventBus);
      for (const announcer of await making) await announcer.announce(event).catch(refuse(event));
    },
  };
}

/** What the SDK says becomes one sentence on the event. */
const refuse =
  ({ id }: DtmEvent) =>
  (error: Error): never => {
    if (error instanceof AnnouncementError) throw error;
    throw new AnnouncementError(
      `event ${id} could not be told (${error.name}: ${error.message}); mend that and run again: it is told then`,
      { cause: error },
    );
  };

async function make(topicArn: string | null, eventBus: string | null): Promise<Announcer[]> {
  const { busAnnouncer, topicAnnouncer } = await import('./topics.ts');
  const { SNSClient } = await import('@aws-sdk/client-sns');
  const { EventBridgeClient } = await import('@aws-sdk/client-eventbridge');
  return [
    ...(topicArn === null ? [] : [topicAnnouncer(new SNSClient(), topicArn)]),
    ...(eventBus === null ? [] : [busAnnouncer(new EventBridgeClient(), eventBus)]),
  ];
}
