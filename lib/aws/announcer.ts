// Who is told of releases: whoever the environment names. The SDK is loaded with the first event, so that what tells
// nobody never waits for it.

import { AnnouncementError, type Announcer, type DtmEvent } from '../catalogue/announce.ts';
import type { Environment } from '../environment/configuration.ts';
import { type Connection, createConnection } from './connection.ts';

/** Tells the topic, then the bus; null where neither is named. The first that fails ends it. */
export function createAnnouncer({
  topicArn,
  eventBus,
  proxyEnv,
}: Pick<Environment, 'topicArn' | 'eventBus' | 'proxyEnv'>): Announcer | null {
  if (topicArn === null && eventBus === null) return null;
  let announcers: Promise<Announcer[]> | undefined;
  return {
    async announce(event) {
      announcers ??= createAnnouncers(topicArn, eventBus, createConnection({ proxyEnv }));
      for (const announcer of await announcers)
        await announcer.announce(event).catch(throwAnnouncementError(event));
    },
  };
}

/** What the SDK says becomes one sentence on the event. */
const throwAnnouncementError =
  ({ id }: DtmEvent) =>
  (error: Error): never => {
    if (error instanceof AnnouncementError) throw error;
    throw new AnnouncementError(
      `event ${id} could not be told (${error.name}: ${error.message}); mend that and run again: it is told then`,
      { cause: error },
    );
  };

async function createAnnouncers(
  topicArn: string | null,
  eventBus: string | null,
  connection: Connection,
): Promise<Announcer[]> {
  const { createBusAnnouncer: busAnnouncer, createTopicAnnouncer: topicAnnouncer } = await import(
    './topics.ts'
  );
  const { SNSClient } = await import('@aws-sdk/client-sns');
  const { EventBridgeClient } = await import('@aws-sdk/client-eventbridge');
  return [
    ...(topicArn === null ? [] : [topicAnnouncer(new SNSClient(connection), topicArn)]),
    ...(eventBus === null ? [] : [busAnnouncer(new EventBridgeClient(connection), eventBus)]),
  ];
}
