// As much of S3 as a store needs to write, in memory, with the gaps of servers that are not quite S3.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { s3Store } from '../../../lib/store/s3/s3-store.ts';
import type { Store } from '../../../lib/store/store.ts';

/** What a server does with these headers, or with deletions, that S3 does otherwise. */
export interface Gaps {
  readonly ignores?: readonly string[];
  /** It answers 501 to a request with this header. */
  readonly unknown?: string;
  readonly deletes?: false;
}

export interface TinyS3 {
  readonly store: Store;
  readonly objects: ReadonlyMap<string, Buffer>;
  /** Method and key of every request, and `versioning`, in order. */
  readonly asked: string[];
}

const md5 = (body: Buffer): string => createHash('md5').update(body).digest('hex');

/** A server that is closed after the test, and a store in its bucket. */
export async function tinyS3(t: TestContext, { ignores = [], unknown, deletes }: Gaps = {}): Promise<TinyS3> {
  const objects = new Map<string, Buffer>();
  const asked: string[] = [];
  const say = (response: ServerResponse, status: number, code = ''): void => {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(code && `<Error><Code>${code}</Code></Error>`);
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://tiny');
    const key = decodeURIComponent(pathname).replace(/^\/bucket\/?/, '');
    const body = await buffer(request);
    asked.push(searchParams.has('versioning') ? 'versioning' : `${request.method} ${key}`);
    const given = (name: string) => (ignores.includes(name) ? undefined : request.headers[name]);
    const there = objects.get(key);
    if (searchParams.has('versioning')) return void response.end('<VersioningConfiguration/>');
    if (searchParams.has('list-type')) return void response.end(listing(objects, searchParams));
    if (request.method === 'DELETE') {
      if (deletes === false) return say(response, 403, 'AccessDenied');
      objects.delete(key);
      return say(response, 204);
    }
    if (request.method === 'PUT') {
      if (unknown && request.headers[unknown]) return say(response, 501, 'NotImplemented');
      const match = given('if-match');
      if (match && !there) return say(response, 404, 'NoSuchKey');
      const isMet = !(given('if-none-match') && there) && !(match && there && match !== `"${md5(there)}"`);
      if (!isMet) return say(response, 412, 'PreconditionFailed');
      objects.set(key, body);
      return void response.writeHead(200, { etag: `"${md5(body)}"` }).end();
    }
    if (!there) return say(response, 404, request.method === 'HEAD' ? '' : 'NoSuchKey');
    const [, from = '0', to = ''] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? [];
    const part = there.subarray(Number(from), to ? Number(to) + 1 : undefined);
    response.writeHead(request.headers.range ? 206 : 200, {
      etag: `"${md5(there)}"`,
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
  return { store: s3Store('s3://bucket', { client, maxAttempts: 1 }), objects, asked };
}

/** All keys below a prefix, or its folders where a delimiter is given, in one page. */
function listing(objects: ReadonlyMap<string, Buffer>, asked: URLSearchParams): string {
  const prefix = asked.get('prefix') ?? '';
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  const folder = (key: string) => `${prefix}${key.slice(prefix.length).split('/')[0]}/`;
  const items = asked.has('delimiter')
    ? [...new Set(keys.filter((key) => key.slice(prefix.length).includes('/')).map(folder))].map(
        (name) => `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`,
      )
    : keys.map((key) => `<Contents><Key>${key}</Key><Size>${objects.get(key)?.length}</Size></Contents>`);
  return `<ListBucketResult><IsTruncated>false</IsTruncated>${items.join('')}</ListBucketResult>`;
}
