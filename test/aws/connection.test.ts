// The AWS SDK through a real proxy.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAnnouncer } from '../../lib/aws/announcer.ts';
import { createConnection } from '../../lib/aws/connection.ts';
import { AnnouncementError, type DtmEvent } from '../../lib/catalogue/announce.ts';
import { proxied } from '../store/proxied/start-proxy.ts';

/** Any credentials: the server does not check them. */
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-west-1' };

test('createAnnouncer publishes to the SNS topic through HTTPS_PROXY', async (t) => {
  Object.assign(process.env, CREDENTIALS);
  const hosts: string[] = [];
  const { host, asked } = await proxied(t, (request, response) => {
    hosts.push(request.headers.host ?? '');
    request.resume();
    response.writeHead(400).end('<ErrorResponse><Error><Code>NotFound</Code></Error></ErrorResponse>');
  });
  const topicArn = 'arn:aws:sns:eu-west-1:123456789012:releases';
  const proxyEnv = { HTTPS_PROXY: `http://${host}` };
  const announcer = createAnnouncer({ topicArn, eventBus: null, proxyEnv });
  const data = { schema_version: '1.0.0', changed_countries: [] };
  const event = { id: '1', type: 'dtm.release.published', data } as unknown as DtmEvent;
  await assert.rejects(announcer?.announce(event) ?? Promise.resolve(), AnnouncementError);
  assert.ok(asked.every((target) => target === 'sns.eu-west-1.amazonaws.com:443') && asked.length > 0);
  assert.equal(hosts[0], 'sns.eu-west-1.amazonaws.com');
});

test('createConnection returns no options without a proxy', () => {
  assert.deepEqual(createConnection({ proxyEnv: {} }), {});
});
