// The example of README for a Lambda that reacts to a release: it gets the messages of the topic and reads over HTTP.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SNSEvent } from 'aws-lambda';
import { serveDataset } from '../../lib/read/serve.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { handler, kept } from './consumer.ts';
import { type Cloud, execute, startCloud } from './start-cloud.ts';

const eventOf = ({ aws }: Cloud): SNSEvent =>
  ({
    Records: aws.messages.map((sent) => ({ Sns: { Message: sent.get('Message') } })),
  }) as unknown as SNSEvent;

test('a consumer fetches files of changed countries and rejects one with another SHA-256', async (t) => {
  const cloud = await startCloud(t);
  const served = await serveDataset(folderStore(cloud.folder), { port: 0, visibility: 'public' });
  t.after(() => served.close());
  cloud.restart({ DTM_VISIBILITY: 'public', DTM_LICENCE: 'CC BY 4.0', DTM_PUBLIC_URL: served.url });
  const { result } = await execute(cloud, {
    run: '2026-11-24T05:00:00Z',
    countries: ['AFG', 'TCD'],
    levels: [0],
  });
  await handler(eventOf(cloud));
  assert.deepEqual([...kept.keys()], [`${result?.release}/AFG`, `${result?.release}/TCD`]);
  assert.match(
    kept.get(`${result?.release}/TCD`) ?? '',
    /^"admin0_name","admin0_pcode","operation",.*\n.*Chad.*,"TCD",/,
  );
  const path = `releases/${result?.release}/csv/admin0/country=TCD/admin0-TCD.csv.gz`;
  await writeFile(join(cloud.folder, path), 'other bytes');
  await assert.rejects(handler(eventOf(cloud)), /admin0-TCD\.csv\.gz: HTTP 200, expected SHA-256/);
});
