// Failures between the request and the last byte, on real sockets.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { DTMApiRequestError } from '../../../lib/dtm/errors.ts';
import { createTransport } from '../../../lib/dtm/http/transport.ts';
import { checkQuery } from '../../../lib/dtm/query.ts';
import { assertSame } from '../../assert-same.ts';
import { V3 } from '../samples.ts';
import { answer, client, KEY, type Step, send, serve } from '../start-api-server.ts';

const QUERY = { admin0Pcode: 'NWL' };
const OK = answer([V3.admin0]);
const bytes = JSON.stringify(OK);
const JSON_TYPE = { 'Content-Type': 'application/json' };

const cut: Step = (response) => {
  response.writeHead(200, { ...JSON_TYPE, 'Content-Length': bytes.length });
  response.write(bytes.slice(0, 20), () => response.destroy());
};
const cutChunked: Step = (response) => {
  response.writeHead(200, JSON_TYPE);
  response.write(bytes.slice(0, 20), () => response.destroy());
};
const cutGzip: Step = (response) => {
  response.writeHead(200, { ...JSON_TYPE, 'Content-Encoding': 'gzip' });
  response.end(gzipSync(bytes).subarray(0, 30));
};
const reset: Step = (response) => response.destroy();
const noHttp: Step = (response) => response.socket?.end('220 mail.example ESMTP\r\n');
const silent: Step = () => {};
const stalled: Step = (response) => {
  response.writeHead(200, JSON_TYPE);
  response.write('{');
};

describe('retryable failures', () => {
  const steps: Record<string, Step> = {
    'a cut body': cut,
    'a cut chunked body': cutChunked,
    'a cut gzip': cutGzip,
    'a closed connection': reset,
    'a response that is not HTTP': noHttp,
    'a body that is not gzip': send(bytes, 200, { 'Content-Encoding': 'gzip' }),
    'a body that is not JSON': send('{"result":'),
    'an HTML page': send('<html>maintenance</html>', 200, { 'Content-Type': 'text/html' }),
    'an answer without content type': (response) => response.writeHead(200).end(bytes),
    'a body that is not UTF-8': send(Buffer.from([0x22, 0xff, 0x22])),
    ...Object.fromEntries(
      [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524].map((status) => [
        `HTTP ${status}`,
        send('{}', status),
      ]),
    ),
  };
  for (const [name, step] of Object.entries(steps)) {
    test(`${name} is retried, and the second attempt succeeds`, async (t) => {
      const server = await serve(t, step, send(OK));
      const result = await client(server).ask('admin0', QUERY);
      assert.deepEqual(result.rows, [V3.admin0]);
      assert.equal(result.attempts, 2);
      assert.equal(server.requests.length, 2);
    });
  }
});

describe('errors after the last attempt', () => {
  const steps: [name: string, step: Step, reason: string, message: RegExp][] = [
    ['a cut body', cut, 'cut', /admin0 NWL: the body was cut short or damaged \(ECONNRESET: aborted\)/],
    ['a cut gzip', cutGzip, 'cut', /cut short or damaged \(Z_BUF_ERROR: unexpected end of file\)/],
    ['a closed connection', reset, 'network', /no answer \(ECONNRESET: socket hang up\); check the network/],
    ['a body that is not JSON', send('nope'), 'not-json', /the body is not JSON/],
    [
      'an HTML page',
      send('', 200, { 'Content-Type': 'text/html' }),
      'not-json',
      /expected content type application\/json, got text\/html/,
    ],
  ];
  for (const [name, step, reason, message] of steps) {
    test(`${name} after the last attempt is an error with reason ${reason}`, async (t) => {
      const server = await serve(t, step);
      const failed = client(server, { maxRetries: 1 }).getIdpAdmin0Data(QUERY);
      await assert.rejects(failed, (error) => {
        assert.ok(error instanceof DTMApiRequestError);
        assert.equal(error.reason, reason);
        assert.equal(error.attempts, 2);
        assert.ok(error.elapsed > 0);
        assert.match(error.message, message);
        assert.match(error.url ?? '', /admin0\?Admin0Pcode=NWL$/);
        return true;
      });
      assert.equal(server.requests.length, 2);
    });
  }

  test('a closed port is a DTMApiRequestError with reason network', async (t) => {
    const server = await serve(t, silent);
    const failed = client({ ...server, url: 'http://127.0.0.1:1' }, { maxRetries: 1 }).getAllCountries();
    await assert.rejects(failed, {
      name: 'DTMApiRequestError',
      reason: 'network',
      attempts: 2,
      message: /ECONNREFUSED/,
    });
  });
});

describe('timeouts', () => {
  test('headers later than timeout are a DTMApiTimeoutError without status', async (t) => {
    const server = await serve(t, silent);
    const failed = client(server, { timeout: 0.3, maxRetries: 1 }).getAllCountries();
    const message = /countries: no answer began within 0.3 s/;
    await assert.rejects(failed, { name: 'DTMApiTimeoutError', attempts: 2, status: undefined, message });
    assert.equal(server.requests.length, 2);
  });

  test('a body later than timeout is a DTMApiTimeoutError with status 200', async (t) => {
    const server = await serve(t, stalled);
    const failed = client(server, { timeout: 0.5, maxRetries: 0 }).getAllCountries();
    await assert.rejects(failed, {
      name: 'DTMApiTimeoutError',
      status: 200,
      message: /the body did not end within 0.5 s/,
    });
  });

  test('a timeout is retried, and the second attempt succeeds', async (t) => {
    const server = await serve(t, stalled, send(answer([V3.countries])));
    assert.equal((await client(server, { timeout: 0.5 }).getAllCountries()).length, 1);
  });

  test('the timeout of the last attempt is the rest of maxElapsed', async (t) => {
    const slow500: Step = (...args) => setTimeout(() => send('{}', 500)(...args), 300);
    const server = await serve(t, slow500, silent);
    const failed = client(server, { timeout: 20, maxElapsed: 1.4 }).getAllCountries();
    const message = /no answer began within (0\.\d+|1(\.[01]\d*)?) s/;
    await assert.rejects(failed, { name: 'DTMApiTimeoutError', attempts: 2, message });
  });

  test('timeout starts when the request is sent, not in the queue', async (t) => {
    const slow: Step = (response, request) =>
      setTimeout(() => send(answer([V3.countries]))(response, request), 600);
    const api = client(await serve(t, slow), { timeout: 1.7, maxRetries: 0, concurrency: 1 });
    await Promise.all([api.getAllCountries(), api.getAllCountries(), api.getAllCountries()]);
  });
});

describe('aborts', () => {
  for (const [name, step] of Object.entries({ 'before headers': silent, 'in the body': stalled })) {
    test(`an abort ${name} rejects with signal.reason and is not retried`, async (t) => {
      const controller = new AbortController();
      const server = await serve(t, (...args) => {
        step(...args);
        setTimeout(() => controller.abort(), 10);
      });
      const failed = client(server).getAllCountries({ signal: controller.signal });
      await assert.rejects(
        failed,
        (error) => error === controller.signal.reason && Object(error).name === 'AbortError',
      );
      assert.equal(server.requests.length, 1);
    });
  }

  test('an abort during a wait rejects with AbortError', async (t) => {
    const controller = new AbortController();
    const server = await serve(t, (...args) => {
      send('{}', 503, { 'Retry-After': '30' })(...args);
      setTimeout(() => controller.abort(), 10);
    });
    const failed = client(server).getAllCountries({ signal: controller.signal });
    await assert.rejects(failed, { name: 'AbortError' });
  });

  test('an abort of the client’s signal rejects a call with signal.reason', async (t) => {
    const controller = new AbortController();
    const api = client(await serve(t, silent), { signal: controller.signal });
    const failed = api.getAllCountries({ signal: new AbortController().signal });
    controller.abort('enough');
    await assert.rejects(failed, (reason) => reason === 'enough');
  });

  test('a call that is aborted before its start or in the queue sends no request', async (t) => {
    const server = await serve(t, silent);
    const api = client(server, { concurrency: 1, timeout: 600 });
    await assert.rejects(api.getAllCountries({ signal: AbortSignal.abort() }), { name: 'AbortError' });
    const [busy, queued] = [new AbortController(), new AbortController()];
    const first = api.getAllCountries({ signal: busy.signal });
    const second = api.getAllCountries({ signal: queued.signal });
    queued.abort();
    await assert.rejects(second, { name: 'AbortError' });
    await assert.rejects(api.getAllCountries({ signal: AbortSignal.abort() }), { name: 'AbortError' });
    busy.abort();
    await assert.rejects(first, { name: 'AbortError' });
    assert.ok(server.requests.length <= 1);
  });
});

describe('size limits', () => {
  test('a gzip that expands beyond maxBytes has reason too-large and is not retried', async (t) => {
    const bomb = gzipSync(Buffer.alloc(20_000_000, 0x20));
    const server = await serve(t, send(bomb, 200, { 'Content-Encoding': 'gzip' }));
    const failed = client(server, { maxBytes: 1_000_000 }).getAllCountries();
    const message = /countries: expected at most 1000000 bytes after decompression/;
    await assert.rejects(failed, { name: 'DTMApiRequestError', reason: 'too-large', message });
    assert.equal(server.requests.length, 1);
  });

  test('an endless body has reason too-large, and its connection is closed', async (t) => {
    let stopped = false;
    const endless: Step = (response) => {
      response.writeHead(200, JSON_TYPE);
      const pour = () => {
        while (!stopped && response.write(Buffer.alloc(65_536, 0x20)));
      };
      response.on('drain', pour).on('close', () => {
        stopped = true;
      });
      pour();
    };
    const failed = client(await serve(t, endless), { maxBytes: 1_000_000 }).getAllCountries();
    await assert.rejects(failed, { reason: 'too-large' });
    while (!stopped) await new Promise(setImmediate);
  });

  test('a body of maxBytes is read, one byte more has reason too-large', async (t) => {
    const body = JSON.stringify(answer([V3.countries]));
    const server = await serve(t, send(body));
    assert.equal((await client(server, { maxBytes: body.length }).getAllCountries()).length, 1);
    await assert.rejects(client(server, { maxBytes: body.length - 1 }).getAllCountries(), {
      reason: 'too-large',
    });
  });

  test('an endless or broken error body does not hide the HTTP status', async (t) => {
    const endless: Step = (response) => {
      response.writeHead(404, JSON_TYPE);
      response.write(Buffer.alloc(200_000, 0x20));
    };
    const broken: Step = (response) => {
      response.writeHead(404, { ...JSON_TYPE, 'Content-Length': '100' });
      response.write('{', () => response.destroy());
    };
    const began = performance.now();
    for (const step of [endless, broken]) {
      await assert.rejects(client(await serve(t, step), { timeout: 60 }).getAllCountries(), {
        name: 'DTMApiRequestError',
        status: 404,
      });
    }
    assert.ok(performance.now() - began < 30_000, 'before the timeout');
  });
});

describe('encodings', () => {
  test('gzip is requested, and body is decompressed', async (t) => {
    const server = await serve(t, send(gzipSync(bytes), 200, { 'Content-Encoding': 'gzip' }));
    const result = await client(server).ask('admin0', QUERY);
    assert.equal(Buffer.from(result.body).toString(), bytes);
    assert.equal(server.requests[0]?.headers['accept-encoding'], 'gzip');
  });

  test('packed is the gzip as received, and null for an uncompressed body', async (t) => {
    const packed = gzipSync(bytes, { level: 1 });
    const server = await serve(t, send(packed, 200, { 'Content-Encoding': 'gzip' }), send(bytes));
    assertSame(Buffer.from((await client(server).ask('admin0', QUERY)).packed ?? []), packed);
    assert.equal((await client(server).ask('admin0', QUERY)).packed, null);
  });

  test('a gzip of several members is read as one body', async (t) => {
    const members = [bytes.slice(0, 1), bytes.slice(1), ''].map((part) => gzipSync(part));
    const server = await serve(t, send(Buffer.concat(members), 200, { 'Content-Encoding': 'gzip' }));
    const result = await client(server).ask('admin0', QUERY);
    assert.equal(Buffer.from(result.body).toString(), bytes);
  });

  test('x-gzip in any letter case is read as gzip, an empty encoding as none', async (t) => {
    const packed = gzipSync(bytes);
    for (const encoding of ['x-gzip', 'GZIP', ' X-GZip', 'gzip ']) {
      const server = await serve(t, send(packed, 200, { 'Content-Encoding': encoding }));
      assert.deepEqual((await client(server).ask('admin0', QUERY)).rows, [V3.admin0], encoding);
    }
    for (const encoding of ['', ' ', 'identity', 'Identity']) {
      const server = await serve(t, send(bytes, 200, { 'Content-Encoding': encoding }));
      assert.deepEqual((await client(server).ask('admin0', QUERY)).rows, [V3.admin0], encoding);
    }
  });

  test('an error body that is a gzip bomb is ignored, and the status is reported', async (t) => {
    const bomb = gzipSync(JSON.stringify({ message: 'x'.repeat(20_000_000) }));
    const server = await serve(t, send(bomb, 404, { ...JSON_TYPE, 'Content-Encoding': 'gzip' }));
    await assert.rejects(client(server).getAllCountries(), { status: 404, message: /^(?!.*xxx)/ });
  });

  test('the content encoding br has reason encoding and is not retried', async (t) => {
    const server = await serve(t, send(bytes, 200, { 'Content-Encoding': 'br' }));
    await assert.rejects(client(server).getAllCountries(), {
      reason: 'encoding',
      message: /gzip or none, got br/,
    });
    assert.equal(server.requests.length, 1);
  });

  test('an error body in the encoding br is ignored, and the status is reported', async (t) => {
    const refusals = ['identity', 'br'].map((encoding) =>
      send({ message: 'no such path' }, 404, { ...JSON_TYPE, 'Content-Encoding': encoding }),
    );
    const api = client(await serve(t, ...refusals));
    await assert.rejects(api.getAllCountries(), { status: 404, message: /no such path/ });
    await assert.rejects(api.getAllCountries(), { status: 404, message: /^(?!.*no such path)/ });
  });
});

describe('connections', () => {
  test('a connection is reused, also after an error, until close', async (t) => {
    const server = await serve(t, send(OK), send('{}', 404), send(OK));
    const api = client(server);
    await api.getIdpAdmin0Data(QUERY);
    await assert.rejects(api.getIdpAdmin0Data(QUERY), { status: 404 });
    await api.getIdpAdmin0Data(QUERY);
    assert.equal(server.sockets(), 1);
    api.close();
    await api.getIdpAdmin0Data(QUERY);
    assert.equal(server.sockets(), 2);
    api[Symbol.dispose]();
  });

  test('twelve calls with concurrency 3 use three connections, and the rest wait', async (t) => {
    const waiting: (() => void)[] = [];
    const server = await serve(t, (...args) => void waiting.push(() => send(OK)(...args)));
    let sent = 0;
    const ignore = () => {};
    const logger = { debug: () => void sent++, info: ignore, warn: ignore, error: ignore };
    const api = client(server, { concurrency: 3, logger });
    const calls = Promise.all(Array.from({ length: 12 }, () => api.getIdpAdmin0Data(QUERY)));
    for (let answered = 0; answered < 12; ) {
      while (waiting.length < 3) await new Promise(setImmediate);
      assert.equal(sent, answered + 3);
      answered += waiting.length;
      for (const release of waiting.splice(0)) release();
    }
    await calls;
    assert.equal(server.sockets(), 3);
  });

  test('an idle connection does not keep the process alive', async (t) => {
    const server = await serve(t, send(answer([V3.countries])));
    const publicApi = new URL('../../../lib/dtm/public.ts', import.meta.url).href;
    const options = JSON.stringify({ subscriptionKey: KEY, baseUrl: server.url });
    const script = `import { DTMApi } from '${publicApi}'; await new DTMApi(${options}).getAllCountries();`;
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 30_000 });
  });
});

test('a redirect is refused, and the key is not sent to its target', async (t) => {
  const elsewhere = await serve(t, send(OK));
  const server = await serve(t, send('', 302, { Location: `${elsewhere.url}/login?token=abc#x` }));
  const failed = client(server).getIdpAdmin0Data(QUERY);
  await assert.rejects(failed, (error) => {
    assert.ok(error instanceof DTMApiRequestError);
    assert.deepEqual([error.reason, error.status, error.attempts], ['redirect', 302, 1]);
    assert.ok(error.message.includes(`a redirect (302) to ${elsewhere.url}/login; it is not followed`));
    assert.match(error.message, /wrong host\? check the base URL/);
    return true;
  });
  assert.equal(server.requests.length, 1);
  assert.equal(elsewhere.requests.length, 0);
  for (const step of [send('', 301, { Location: 'http://[' }), send('', 301)]) {
    const nowhere = client(await serve(t, step)).getAllCountries();
    await assert.rejects(nowhere, { message: /a redirect \(301\) to an unknown place/ });
  }
});

test('a TypeError from node:http is thrown unchanged, not as a network error', async (t) => {
  const { url } = await serve(t, send(OK));
  const transport = createTransport({
    secure: false,
    concurrency: 1,
    userAgent: 'two\nlines',
  });
  const request = {
    version: 'v3',
    endpoint: 'countries',
    query: checkQuery('countries'),
    url,
    redact: String,
  } as const;
  await assert.rejects(
    transport.get({ request, key: KEY, maxBytes: 1000, start: () => 1, signal: undefined }),
    TypeError,
  );
});
