// The example for those who react to a release in a Lambda: it is sent what the topic was sent, and reads over HTTP.
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

test('a consumer has the figures of the countries that changed, and only if they are those that were published', async (t) => {
  const there = await startCloud(t);
  const served = await serveDataset(folderStore(there.folder), { port: 0, visibility: 'public' });
  t.after(() => served.close());
  there.restart({ DTM_VISIBILITY: 'public', DTM_LICENCE: 'CC BY 4.0', DTM_PUBLIC_URL: served.url });
  const { result } = await execute(there, {
    run: '2026-11-24T05:00:00Z',
    countries: ['AFG', 'TCD'],
    levels: [0],
  });
  await handler(eventOf(there));
  assert.deepEqual([...kept.keys()], [`${result?.release}/AFG`, `${result?.release}/TCD`]);
  assert.match(
    kept.get(`${result?.release}/TCD`) ?? '',
    /^"admin0_name","admin0_pcode","operation",.*\n.*Chad.*,"TCD",/,
  );
  const path = `releases/${result?.release}/csv/admin0/country=TCD/admin0-TCD.csv.gz`;
  await writeFile(join(there.folder, path), 'other bytes');
  await assert.rejects(handler(eventOf(there)), /admin0-TCD\.csv\.gz: HTTP 200, expected SHA-256/);
});
