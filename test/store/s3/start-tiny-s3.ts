// A small S3 server in memory for the store's requests. It can have the gaps of servers that are only similar to S3.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { s3Store } from '../../../lib/store/s3/s3-store.ts';
import type { Store } from '../../../lib/store/store.ts';

/** How the server differs from S3. */
export interface Gaps {
  /** It ignores these request headers. */
  readonly ignores?: readonly string[];
  /** It answers 501 to a request with this header. */
  readonly unknown?: string;
  /** It answers 403 to every DELETE. */
  readonly deletes?: false;
}

export interface TinyS3 {
  readonly store: Store;
  readonly objects: ReadonlyMap<string, Buffer>;
  /** Method and key of every request, and `versioning`, in order. */
  readonly requests: string[];
}

const md5 = (body: Buffer): string => createHash('md5').update(body).digest('hex');

/** Starts the server and opens a store in its bucket. The server is closed after the test. */
export async function startTinyS3(
  t: TestContext,
  { ignores = [], unknown, deletes }: Gaps = {},
): Promise<TinyS3> {
  const objects = new Map<string, Buffer>();
  const requests: string[] = [];
  const respond = (response: ServerResponse, status: number, code = ''): void => {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(code && `<Error><Code>${code}</Code></Error>`);
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://tiny');
    const key = decodeURIComponent(pathname).replace(/^\/bucket\/?/, '');
    const body = await buffer(request);
    requests.push(searchParams.has('versioning') ? 'versioning' : `${request.method} ${key}`);
    const headerOf = (name: string) => (ignores.includes(name) ? undefined : request.headers[name]);
    const stored = objects.get(key);
    if (searchParams.has('versioning')) return void response.end('<VersioningConfiguration/>');
    if (searchParams.has('list-type')) return void response.end(listing(objects, searchParams));
    if (request.method === 'DELETE') {
      if (deletes === false) return respond(response, 403, 'AccessDenied');
      objects.delete(key);
      return respond(response, 204);
    }
    if (request.method === 'PUT') {
      if (unknown && request.headers[unknown]) return respond(response, 501, 'NotImplemented');
      const match = headerOf('if-match');
      if (match && !stored) return respond(response, 404, 'NoSuchKey');
      const isMet =
        !(headerOf('if-none-match') && stored) && !(match && stored && match !== `"${md5(stored)}"`);
      if (!isMet) return respond(response, 412, 'PreconditionFailed');
      objects.set(key, body);
      return void response.writeHead(200, { etag: `"${md5(body)}"` }).end();
    }
    if (!stored) return respond(response, 404, request.method === 'HEAD' ? '' : 'NoSuchKey');
    if (headerOf('if-none-match') === `"${md5(stored)}"`)
      return void response.writeHead(304, { etag: `"${md5(stored)}"` }).end();
    const [, from = '0', to = ''] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
    const part = stored.subarray(Number(from), to ? Number(to) + 1 : undefined);
    response.writeHead(request.headers.range ? 206 : 200, {
      etag: `"${md5(stored)}"`,
      'content-length': part.length,
    });
    response.end(request.method === 'HEAD' ? undefined : part);
  };
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close() && server.closeAllConnections());
  const address = server.address();
  const client = {
    endpoint: `http://127.0.0.1:${typeof address === 'object' && address?.port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'a-secret' },
  };
  return { store: s3Store('s3://bucket', { client, maxAttempts: 1 }), objects, requests };
}

/** One page with all keys below a prefix or, with a delimiter, all folders. */
function listing(objects: ReadonlyMap<string, Buffer>, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? '';
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  const folder = (key: string) => `${prefix}${key.slice(prefix.length).split('/')[0]}/`;
  const items = query.has('delimiter')
    ? [...new Set(keys.filter((key) => key.slice(prefix.length).includes('/')).map(folder))].map(
        (name) => `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`,
      )
    : keys.map((key) => `<Contents><Key>${key}</Key><Size>${objects.get(key)?.length}</Size></Contents>`);
  return `<ListBucketResult><IsTruncated>false</IsTruncated>${items.join('')}</ListBucketResult>`;
}
