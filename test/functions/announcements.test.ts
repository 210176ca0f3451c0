// Who is told of a run, over the topic and over the bus: once a release can be read, and under the same id if again.
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

/** A message's attributes by name, as the query protocol numbers them. */
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

test('a release is told once, to both, with what a subscriber filters by; no change is told to nobody', async (t) => {
  const there = await startCloud(t);
  const first = await execute(there, { run: RUNS[0], ...SMALL });
  await execute(there, { run: RUNS[1], ...SMALL });
  const [event] = messages(there);
  assert.deepEqual([event?.type, event?.id], ['dtm.release.published', `published/${first.result?.release}`]);
  assert.deepEqual(messages(there), details(there));
  assert.equal(messages(there).length, 1);
  assert.deepEqual(attributes(there.aws.messages[0]), {
    type: 'String dtm.release.published',
    schema_major: 'String 1',
    changed_countries: 'String.Array ["AFG","TCD"]',
  });
  const [entry] = there.aws.events;
  assert.deepEqual(
    [entry?.DetailType, entry?.Source, entry?.EventBusName],
    ['dtm.release.published', there.folder, 'releases'],
  );
});

test('a changed country is named, and it alone', async (t) => {
  const there = await startCloud(t);
  await execute(there, { run: RUNS[0], ...SMALL });
  there.api.setFaults(['changed@TCD']);
  await execute(there, { run: RUNS[1], ...SMALL });
  assert.equal(attributes(there.aws.messages[1]).changed_countries, 'String.Array ["TCD"]');
});

test('a bus that refuses leaves the release published and a step unfinished, and the next run tells of it under the same id', async (t) => {
  const there = await startCloud(t);
  there.aws.refused.set('PutEvents', 'InternalException');
  const first = await execute(there, { run: RUNS[0], ...SMALL });
  assert.deepEqual([first.failure, first.result?.outcome], [null, 'published']);
  const left = there.lines.find(({ message }) => String(message).startsWith('left to finish'));
  assert.match(
    String(left?.step),
    /^announcement: event published\/\S+ could not be told \(InternalException: /,
  );
  assert.equal(there.lines.findLast((line) => '_aws' in line)?.UnfinishedSteps, 1);
  there.aws.refused.clear();
  const { result } = await execute(there, { run: RUNS[0], ...SMALL, resume: true });
  assert.equal(result?.outcome, 'published');
  const id = `published/${result?.release}`;
  assert.deepEqual(
    messages(there).map((event) => event.id),
    [id, id],
  );
  assert.deepEqual(
    details(there).map((event) => event.id),
    [id],
  );
  const [listed] = await readReleases(folderStore(there.folder));
  assert.notEqual(listed?.announced_at, null);
});

test('a run that came to nothing is told: refused, or without an API', async (t) => {
  const there = await startCloud(t, { apiOptions: { faults: ['refused@TCD'] } });
  await execute(there, { run: RUNS[0], ...SMALL });
  there.api.setFaults(['firewall']);
  await execute(there, { run: RUNS[1], ...SMALL });
  const told = messages(there).map(({ type, id, data }) => [type, id, data.reason?.slice(0, 16)]);
  assert.deepEqual(told, [
    ['dtm.release.failed', 'failed/2026-11-24T05-00-00Z', '1 of 2 units fai'],
    ['dtm.release.failed', 'failed/2026-11-24T06-00-00Z', 'DTMFirewallError'],
  ]);
  assert.deepEqual(attributes(there.aws.messages[0]), {
    type: 'String dtm.release.failed',
    schema_major: 'String 1',
  });
});
