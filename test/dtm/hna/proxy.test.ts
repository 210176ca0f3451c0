// Files over TLS and through a proxy, in a new process that trusts the certificate.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { DTMHnaApi } from '../../../lib/dtm/hna/client.ts';
import {
  type Gate,
  HOST,
  openTunnel,
  type ProxiedApi,
  startApiBehindProxy,
} from '../start-api-behind-proxy.ts';
import { send, serve } from '../start-api-server.ts';
import { HNA_KEY, linkAnswer, linkTo, QUERY, TOKEN, WORKBOOK, workbook } from './start-hna-server.ts';

/** Downloads the file in a new process. Returns what it printed: the number of bytes, or the error with all its fields. */
async function download(baseUrl: string, { certificate, proxy }: ProxiedApi): Promise<string> {
  const publicApi = new URL('../../../lib/dtm/public.ts', import.meta.url).href;
  const options = { subscriptionKey: HNA_KEY, baseUrl, maxRetries: 0, timeout: 10 };
  const script = `import { inspect } from 'node:util';
    import { DTMHnaApi } from '${publicApi}';
    const log = (...line) => console.log(JSON.stringify(line));
    const logger = { debug: log, info: log, warn: log, error: log };
    const hna = new DTMHnaApi({ ...${JSON.stringify(options)}, logger, proxyEnv: process.env });
    console.log(await hna.downloadHnaData(${JSON.stringify(QUERY)}).then(
      (bytes) => bytes.length + ' bytes',
      (error) => inspect(error, { depth: 9, showHidden: true }),
    ));`;
  const env = { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: certificate, HTTPS_PROXY: proxy };
  const args = ['--input-type=module', '-e', script];
  return (await promisify(execFile)(process.execPath, args, { env, timeout: 15_000 })).stdout;
}

/** A host behind a proxy that answers the API and its files, and keeps the requests. */
async function hostBehindProxy(t: TestContext, gate: Gate = openTunnel) {
  const requests: IncomingMessage[] = [];
  const proxied = await startApiBehindProxy(t, gate, false, (request, response) => {
    requests.push(request);
    const link = { downloadUrl: `https://${request.headers.host}/files/report.xlsx?${TOKEN}` };
    linkTo(workbook, link)(response, request);
  });
  return { proxied, requests };
}

const isSecret = (text: string): void => {
  for (const secret of [HNA_KEY, TOKEN, 'Zm9v', 'report.xlsx']) assert.ok(!text.includes(secret), text);
};

test('the API and its file are reached through the proxy, the file without the key', async (t) => {
  const { proxied, requests } = await hostBehindProxy(t);
  const printed = await download(proxied.url, proxied);
  assert.ok(printed.endsWith(`${WORKBOOK.length} bytes\n`), printed);
  isSecret(printed);
  assert.deepEqual(
    requests.map(({ url, headers }) => [url?.split('?')[0], headers['ocp-apim-subscription-key']]),
    [
      ['/HNA/v1/download', HNA_KEY],
      ['/files/report.xlsx', undefined],
    ],
  );
});

test('a file over https of an API on loopback is reached through the proxy', async (t) => {
  const { proxied, requests } = await hostBehindProxy(t);
  const link = linkAnswer(undefined, { downloadUrl: `${proxied.url}/files/report.xlsx?${TOKEN}` });
  const api = await serve(t, send(link));
  const printed = await download(api.url, proxied);
  assert.ok(printed.endsWith(`${WORKBOOK.length} bytes\n`), printed);
  assert.equal(api.requests[0]?.headers['ocp-apim-subscription-key'], HNA_KEY);
  assert.deepEqual(
    requests.map(({ url }) => url),
    [`/files/report.xlsx?${TOKEN}`],
  );
  assert.equal(requests[0]?.headers['ocp-apim-subscription-key'], undefined);
  assert.ok(!proxied.passedBytes().includes('Zm9v'), 'the proxy does not see the token');
});

test('errors of a proxy to a file, and of a host without a certificate that is trusted, show no link', async (t) => {
  const { proxied } = await hostBehindProxy(t, (socket) => void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
  const link = linkAnswer(undefined, { downloadUrl: `${proxied.url}/files/report.xlsx?${TOKEN}` });
  const api = await serve(t, send(link));
  const refused = await download(api.url, proxied);
  assert.match(refused, /hna-file NWL: .*answers 403/);
  isSecret(refused);
  const open = await hostBehindProxy(t);
  const untrusted = await download(api.url, { ...open.proxied, certificate: '' });
  assert.match(untrusted, /hna-file NWL: no answer .*NODE_EXTRA_CA_CERTS/);
  isSecret(untrusted);
  assert.ok(refused.includes(`https://${HOST}`), 'the host is shown');
});

test('a proxy variable that is no address is refused at once, even if the API is reached without it', () => {
  const proxyEnv = { HTTPS_PROXY: 'ftp://p4ssword@x', NO_PROXY: 'dtmapi.iom.int' };
  assert.throws(
    () => new DTMHnaApi({ subscriptionKey: 'k', proxyEnv }),
    (error) => {
      assert.equal((error as { parameter?: string }).parameter, 'proxyEnv.HTTPS_PROXY');
      return !String(error).includes('p4ssword');
    },
  );
});
