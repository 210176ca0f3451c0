// Events of a run on topic and bus: they are sent when the release can be read, and keep their id if sent again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DtmEvent } from '../../lib/catalogue/announce.ts';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { type Cloud, execute, startCloud } from './start-cloud.ts';

const RUNS = ['2026-11-24T05:00:00Z', '2026-11-24T06:00:00Z'] as const;
const SMALL = { countries: ['AFG', 'TCD'], levels: [0] };

const messages = ({ aws }: Cloud): DtmEvent[] =>
  aws.messages.map((sent) => JSON.parse(sent.get('Message') ?? '') as DtmEvent);
const details = ({ aws }: Cloud): DtmEvent[] =>
  aws.events.map(({ Detail }) => JSON.parse(String(Detail)) as DtmEvent);

/** A message's attributes by name. The query protocol numbers them. */
function attributes(sent: URLSearchParams | undefined): Record<string, string> {
  const entries = [1, 2, 3].map((at) => `MessageAttributes.entry.${at}`);
  return Object.fromEntries(
    entries
      .filter((entry) => sent?.has(`${entry}.Name`))
      .map((entry) => [
        sent?.get(`${entry}.Name`),
        `${sent?.get(`${entry}.Value.DataType`)} ${sent?.get(`${entry}.Value.StringValue`)}`,
      ]),
  );
}

test('a release sends one event to topic and bus, and an unchanged run sends none', async (t) => {
  const cloud = await startCloud(t);
  const first = await execute(cloud, { run: RUNS[0], ...SMALL });
  await execute(cloud, { run: RUNS[1], ...SMALL });
  const [event] = messages(cloud);
  assert.deepEqual([event?.type, event?.id], ['dtm.release.published', `published/${first.result?.release}`]);
  assert.deepEqual(messages(cloud), details(cloud));
  assert.equal(messages(cloud).length, 1);
  assert.deepEqual(attributes(cloud.aws.messages[0]), {
    type: 'String dtm.release.published',
    schema_major: 'String 1',
    changed_countries: 'String.Array ["AFG","TCD"]',
  });
  const [entry] = cloud.aws.events;
  assert.deepEqual(
    [entry?.DetailType, entry?.Source, entry?.EventBusName],
    ['dtm.release.published', cloud.folder, 'releases'],
  );
});

test('changed_countries names only the countries that changed', async (t) => {
  const cloud = await startCloud(t);
  await execute(cloud, { run: RUNS[0], ...SMALL });
  cloud.api.setFaults(['changed@TCD']);
  await execute(cloud, { run: RUNS[1], ...SMALL });
  assert.equal(attributes(cloud.aws.messages[1]).changed_countries, 'String.Array ["TCD"]');
});

test('after a bus error the release stays published, and the next run sends the same event', async (t) => {
  const cloud = await startCloud(t);
  cloud.aws.refused.set('PutEvents', 'InternalException');
  const first = await execute(cloud, { run: RUNS[0], ...SMALL });
  assert.deepEqual([first.failure, first.result?.outcome], [null, 'published']);
  const unfinished = cloud.lines.find(({ message }) => String(message).startsWith('left to finish'));
  assert.match(
    String(unfinished?.step),
    /^announcement: event published\/\S+ could not be told \(InternalException: /,
  );
  assert.equal(cloud.lines.findLast((line) => '_aws' in line)?.UnfinishedSteps, 1);
  cloud.aws.refused.clear();
  const { result } = await execute(cloud, { run: RUNS[0], ...SMALL, resume: true });
  assert.equal(result?.outcome, 'published');
  const id = `published/${result?.release}`;
  assert.deepEqual(
    messages(cloud).map((event) => event.id),
    [id, id],
  );
  assert.deepEqual(
    details(cloud).map((event) => event.id),
    [id],
  );
  const [listed] = await readReleases(folderStore(cloud.folder));
  assert.notEqual(listed?.announced_at, null);
});

test('a run that is refused or fails sends dtm.release.failed with its reason', async (t) => {
  const cloud = await startCloud(t, { apiOptions: { faults: ['refused@TCD'] } });
  await execute(cloud, { run: RUNS[0], ...SMALL });
  cloud.api.setFaults(['firewall']);
  await execute(cloud, { run: RUNS[1], ...SMALL });
  const sent = messages(cloud).map(({ type, id, data }) => [type, id, data.reason?.slice(0, 16)]);
  assert.deepEqual(sent, [
    ['dtm.release.failed', 'failed/2026-11-24T05-00-00Z', '1 of 2 units fai'],
    ['dtm.release.failed', 'failed/2026-11-24T06-00-00Z', 'DTMFirewallError'],
  ]);
  assert.deepEqual(attributes(cloud.aws.messages[0]), {
    type: 'String dtm.release.failed',
    schema_major: 'String 1',
  });
});
