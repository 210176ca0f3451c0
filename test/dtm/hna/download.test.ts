// Downloads: two requests, of which only the first has the key, and a whole file or none.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { DTMApiRequestError, DTMFileError, ValidationError } from '../../../lib/dtm/errors.ts';
import { type Step, send, serve } from '../start-api-server.ts';
import {
  FILE_NAME,
  HNA_KEY,
  hnaClient,
  linkTo,
  QUERY,
  TOKEN,
  WORKBOOK,
  workbook,
} from './start-hna-server.ts';

const run = promisify(execFile);

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'dtm-hna-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('without filePath the bytes are returned, and only the first request has the key', async (t) => {
  const server = await serve(t, linkTo(workbook));
  const bytes = await hnaClient(server).downloadHnaData(QUERY);
  assert.deepEqual(Buffer.from(bytes), Buffer.from(WORKBOOK));
  const [first, second] = server.requests;
  assert.equal(first?.headers['ocp-apim-subscription-key'], HNA_KEY);
  assert.equal(second?.path, `/files/report.xlsx?${TOKEN}`);
  assert.equal(second?.headers['ocp-apim-subscription-key'], undefined);
  assert.ok(!JSON.stringify(second?.headers).includes(HNA_KEY));
  assert.equal(server.requests.length, 2);
});

test('a file gets the given name, and replaces the one of before', async (t) => {
  const server = await serve(t, linkTo(workbook));
  const at = await folder(t);
  const filePath = join(at, 'mine.xlsx');
  await writeFile(filePath, 'old');
  assert.equal(await hnaClient(server).downloadHnaData(QUERY, { filePath }), filePath);
  assert.deepEqual(await readFile(filePath), Buffer.from(WORKBOOK));
  assert.deepEqual(await readdir(at), ['mine.xlsx']);
});

test('a file in a folder gets the name of the API', async (t) => {
  const server = await serve(t, linkTo(workbook));
  const at = await folder(t);
  for (const filePath of [at, `${at}/`])
    assert.equal(await hnaClient(server).downloadHnaData(QUERY, { filePath }), join(at, FILE_NAME));
  assert.deepEqual(await readdir(at), [FILE_NAME]);
});

for (const fileName of ['../../x', '..\\..\\x', '/etc/x', 'C:\\x', './x', 'a/../x', '\u0000/x'])
  test(`the file name ${JSON.stringify(fileName)} stays in the folder`, async (t) => {
    const server = await serve(t, linkTo(workbook, { fileName }));
    const parent = await folder(t);
    const at = join(parent, 'a', 'b', 'c');
    await mkdir(at, { recursive: true });
    assert.equal(await hnaClient(server).downloadHnaData(QUERY, { filePath: at }), join(at, 'x'));
    assert.deepEqual((await readdir(parent, { recursive: true })).sort(), ['a', 'a/b', 'a/b/c', 'a/b/c/x']);
  });

test('a link to another file is replaced, not followed', async (t) => {
  const server = await serve(t, linkTo(workbook));
  const at = await folder(t);
  await writeFile(join(at, 'other'), 'untouched');
  await symlink(join(at, 'other'), join(at, FILE_NAME));
  await hnaClient(server).downloadHnaData(QUERY, { filePath: at });
  assert.equal(await readFile(join(at, 'other'), 'utf8'), 'untouched');
  assert.deepEqual(await readFile(join(at, FILE_NAME)), Buffer.from(WORKBOOK));
});

test('a compressed file is unpacked, and a file of another kind is taken as it is', async (t) => {
  const packed = await serve(t, linkTo(send(gzipSync(WORKBOOK), 200, { 'Content-Encoding': 'gzip' })));
  assert.deepEqual(Buffer.from(await hnaClient(packed).downloadHnaData(QUERY)), Buffer.from(WORKBOOK));
  const csv = await serve(
    t,
    linkTo(send('a,b\n', 200, { 'Content-Type': 'text/csv' }), { fileName: 'a.csv' }),
  );
  assert.equal(Buffer.from(await hnaClient(csv).downloadHnaData(QUERY)).toString(), 'a,b\n');
});

const cut: Step = (response) => {
  response.writeHead(200, { 'Content-Length': WORKBOOK.length });
  response.write(WORKBOOK.subarray(0, 30), () => response.destroy());
};
/** A body that ends with the connection: HTTP cannot tell that it is cut. */
const cutSilently: Step = (response) => {
  response.socket?.end(Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\n\r\n'), WORKBOOK.subarray(0, 60)]));
};
const xml = (status: number): Step =>
  send('<?xml version="1.0"?><Error><Code>AuthenticationFailed</Code></Error>', status, {
    'Content-Type': 'application/xml',
  });

const FAILURES: [name: string, file: Step, reason: string, requests: number, message: RegExp][] = [
  [
    'HTTP 401',
    xml(401),
    'status',
    1,
    /the link was refused: it expires at 2099-09-14T10:27:10.675Z; ask for a new link/,
  ],
  ['HTTP 403', xml(403), 'status', 1, /the link was refused/],
  ['HTTP 403 in JSON', send({ message: 'no' }, 403), 'status', 1, /the link was refused/],
  ['HTTP 404', xml(404), 'status', 1, /the link was refused/],
  ['HTTP 503', xml(503), 'status', 3, /expected HTTP 200, got 503; try later/],
  ['HTTP 304', send('', 304), 'status', 1, /got 304/],
  ['HTTP 206', send(WORKBOOK, 206), 'status', 1, /got 206/],
  ['a file that is cut', cut, 'cut', 3, /cut short or damaged/],
  [
    'a file that is cut without a sign',
    cutSilently,
    'cut',
    3,
    /expected a whole workbook \(zip\), got 60 bytes/,
  ],
  [
    'a page in place of the file',
    send('<html>', 200, { 'Content-Type': 'text/html' }),
    'cut',
    3,
    /expected a whole workbook/,
  ],
  ['an empty file', send('', 200), 'cut', 3, /got 0 bytes/],
  // The first attempt uses the connection of the first request, so it is sent once more on a new one.
  ['a closed connection', (response) => void response.destroy(), 'network', 4, /no answer/],
  ['another encoding', send(WORKBOOK, 200, { 'Content-Encoding': 'br' }), 'encoding', 1, /content encoding/],
];

describe('a file that cannot be fetched', () => {
  for (const [name, file, reason, requests, message] of FAILURES)
    test(`${name} is an error after ${requests} requests, and leaves the file of before`, async (t) => {
      const server = await serve(t, linkTo(file));
      const at = await folder(t);
      await writeFile(join(at, FILE_NAME), 'old');
      const error = await hnaClient(server, { maxRetries: 2 })
        .downloadHnaData(QUERY, { filePath: at })
        .catch((each) => each);
      assert.ok(error instanceof DTMApiRequestError, String(error));
      assert.deepEqual([error.name, error.reason, error.service], ['DTMApiRequestError', reason, 'hna']);
      assert.match(error.message, message);
      assert.equal(error.url, `${server.url}/...`);
      assert.equal(server.requests.filter(({ path }) => path.startsWith('/files/')).length, requests);
      assert.deepEqual(await readdir(at), [FILE_NAME]);
      assert.equal(await readFile(join(at, FILE_NAME), 'utf8'), 'old');
    });

  test('an expired link says when it expired', async (t) => {
    const server = await serve(t, linkTo(xml(403), { expiresAt: '2026-01-01T00:00:00Z' }));
    await assert.rejects(hnaClient(server).downloadHnaData(QUERY), {
      message: /it expired at 2026-01-01T00:00:00.000Z/,
    });
    const unknown = await serve(t, linkTo(xml(403), { expiresAt: null }));
    await assert.rejects(hnaClient(unknown).downloadHnaData(QUERY), { message: /it may have expired/ });
  });

  test('a redirect is not followed', async (t) => {
    const elsewhere = await serve(t, workbook);
    const server = await serve(t, linkTo(send('', 302, { Location: `${elsewhere.url}/stolen?${TOKEN}` })));
    const error = await hnaClient(server)
      .downloadHnaData(QUERY)
      .catch((each) => each);
    assert.deepEqual([error.name, error.reason, error.status], ['DTMApiRequestError', 'redirect', 302]);
    assert.equal(elsewhere.requests.length, 0);
  });

  test('a file larger than maxBytes is an error, of the call or of the client', async (t) => {
    const server = await serve(t, linkTo(workbook));
    await assert.rejects(hnaClient(server).downloadHnaData(QUERY, { maxBytes: 100 }), {
      reason: 'too-large',
    });
    const bomb = await serve(
      t,
      linkTo(send(gzipSync(new Uint8Array(1e6)), 200, { 'Content-Encoding': 'gzip' })),
    );
    await assert.rejects(hnaClient(bomb, { maxBytes: 5000 }).downloadHnaData(QUERY, { maxBytes: 9e5 }), {
      reason: 'too-large',
    });
  });

  test('a file that does not come in time is a DTMApiTimeoutError', async (t) => {
    const server = await serve(
      t,
      linkTo(() => {}),
    );
    const api = hnaClient(server, { timeout: 0.1, maxRetries: 0 });
    await assert.rejects(api.downloadHnaData(QUERY), { name: 'DTMApiTimeoutError', service: 'hna' });
  });

  test('an aborted download leaves nothing, and rejects with the reason of the signal', async (t) => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const at = await folder(t);
    const server = await serve(
      t,
      linkTo((response) => {
        response.writeHead(200).write(WORKBOOK.subarray(0, 9));
        setTimeout(() => stop.abort(reason), 20);
      }),
    );
    const pending = hnaClient(server).downloadHnaData(QUERY, { filePath: at, signal: stop.signal });
    await assert.rejects(pending, (error) => error === reason);
    assert.deepEqual(await readdir(at), []);
  });
});

describe('a file that cannot be written', () => {
  const asked = async (t: TestContext, filePath: string) => {
    const server = await serve(t, linkTo(workbook));
    const error = await hnaClient(server)
      .downloadHnaData(QUERY, { filePath })
      .catch((each) => each);
    return { error, requests: server.requests.length };
  };

  for (const [name, path, code] of [
    ['a folder that is not there', 'none/a.xlsx', 'ENOENT'],
    ['a folder that is not there, with a slash', 'none/', 'ENOENT'],
    ['a file in place of a folder', 'file/a.xlsx', 'ENOTDIR'],
    ['a file with a slash', 'file/', 'ENOTDIR'],
  ] as const)
    test(`${name} is a DTMFileError before any request`, async (t) => {
      const at = await folder(t);
      await writeFile(join(at, 'file'), '');
      const { error, requests } = await asked(t, join(at, path) + (path.endsWith('/') ? '/' : ''));
      assert.ok(error instanceof DTMFileError, String(error));
      assert.deepEqual([error.code, requests], [code, 0]);
    });

  test('a folder that takes no files is a DTMFileError', {
    skip: process.platform !== 'linux',
  }, async (t) => {
    const { error } = await asked(t, '/proc/self/a.xlsx');
    assert.ok(error instanceof DTMFileError, String(error));
    assert.match(
      error.message,
      /^filePath: \/proc\/self\/a\.xlsx cannot be written: .*\((ENOENT|EACCES|EPERM)\)$/,
    );
  });

  test('a folder that has the name of the file is a DTMFileError, and stays', async (t) => {
    const at = await folder(t);
    await mkdir(join(at, FILE_NAME, 'inside'), { recursive: true });
    const { error } = await asked(t, at);
    assert.ok(error instanceof DTMFileError, String(error));
    assert.deepEqual(await readdir(at), [FILE_NAME]);
  });

  // The shell's limit counts blocks of 1024 bytes. A disk in a namespace of its own needs no privileges, but not every
  // system allows it.
  const LIMITS: [name: string, code: string, shell: readonly string[], limit: string][] = [
    ['larger than the system allows', 'EFBIG', ['bash', '-c'], 'ulimit -f 64'],
    [
      'larger than the disk',
      'ENOSPC',
      ['unshare', '-rm', 'bash', '-c'],
      'mount -t tmpfs -o size=64k none "$2"',
    ],
  ];
  for (const [name, code, [shell = '', ...args], limit] of LIMITS)
    test(`a file that is ${name} leaves nothing, and the file of before`, async (t) => {
      if (shell === 'unshare' && (await run(shell, ['-rm', 'true']).catch(() => null)) === null)
        return t.skip('no namespaces here');
      const large: Step = send(Buffer.concat([WORKBOOK, Buffer.alloc(200_000)]), 200);
      const server = await serve(t, linkTo(large, { fileName: 'large.bin' }));
      const at = await folder(t);
      const program = `
        import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
        import { DTMHnaApi } from ${JSON.stringify(join(import.meta.dirname, '../../../lib/dtm/public.ts'))};
        const at = ${JSON.stringify(at)};
        writeFileSync(at + '/large.bin', 'old');
        const api = new DTMHnaApi({ subscriptionKey: 'k', baseUrl: ${JSON.stringify(server.url)} });
        const asked = api.downloadHnaData(${JSON.stringify(QUERY)}, { filePath: at });
        const { name, code } = await asked.catch((error) => error);
        console.log(JSON.stringify([name, code, readdirSync(at), readFileSync(at + '/large.bin', 'utf8')]));`;
      const script = `${limit} && exec "$0" --input-type=module-typescript --eval "$1"`;
      const { stdout } = await run(shell, [...args, script, process.execPath, program, at], {
        timeout: 20_000,
        // The limit would cut the process's coverage file off.
        env: { ...process.env, NODE_V8_COVERAGE: '' },
      });
      assert.deepEqual(JSON.parse(stdout), ['DTMFileError', code, ['large.bin'], 'old']);
    });

  for (const filePath of ['', 5, null, 'a\0b'])
    test(`the path ${JSON.stringify(filePath)} is refused before any request`, async (t) => {
      const { error, requests } = await asked(t, filePath as string);
      assert.ok(error instanceof ValidationError, String(error));
      assert.deepEqual([error.parameter, requests], ['filePath', 0]);
    });
});
