// Creates the announcer from the environment. It loads the SDK with the first event, so a function that sends no event
// starts faster.
import { AnnouncementError, type Announcer, type DtmEvent } from '../catalogue/announce.ts';
import type { Environment } from '../environment/configuration.ts';
import { type Connection, createConnection } from './connection.ts';

/** Sends each event to the topic, then to the bus, and stops at the first error. Null if the environment names neither. */
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

/** Wraps an error of the SDK into one sentence that names the event. */
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
