// A shared HTTP cache in front of a server, as CloudFront is: it keeps answers for their `s-maxage` or `max-age`, and takes
// invalidations with the protocol of CloudFront's API, from the real SDK.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export const DISTRIBUTION = 'E2QWRUHAPOMQZL';

export interface Cache {
  /** Where readers ask, without a slash at its end. It is the address of the API, too. */
  readonly url: string;
  /** The paths of each invalidation. */
  readonly invalidations: string[][];
  /** The references of each invalidation. */
  readonly references: string[];
  /** Moves the cache's clock forward. */
  wait(seconds: number): void;
  /** Makes the API refuse invalidations, or take them again. */
  refuse(isRefused: boolean): void;
  /** The variables with which the program finds the API. */
  readonly environment: Readonly<Record<string, string>>;
}

interface Entry {
  readonly status: number;
  readonly body: Buffer;
  readonly expires: number;
}

const API = `/2020-05-31/distribution/${DISTRIBUTION}/invalidation`;
const REFUSAL =
  '<ErrorResponse><Error><Code>AccessDenied</Code><Message>by the test</Message></Error></ErrorResponse>';

/** Starts a cache in front of `origin`. It is closed when the test ends. */
export async function startCache(t: TestContext, origin: string): Promise<Cache> {
  const entries = new Map<string, Entry>();
  const [invalidations, references]: [string[][], string[]] = [[], []];
  let [waited, isRefused] = [0, false];
  const now = (): number => Date.now() / 1000 + waited;
  const read = async (path: string): Promise<Entry> => {
    const kept = entries.get(path);
    if (kept && kept.expires > now()) return kept;
    const response = await fetch(new URL(path, origin));
    const control = response.headers.get('cache-control') ?? '';
    const [, seconds = '0'] = /s-maxage=(\d+)/.exec(control) ?? /max-age=(\d+)/.exec(control) ?? [];
    const body = Buffer.from(await response.arrayBuffer());
    const entry = { status: response.status, body, expires: now() + Number(seconds) };
    if (response.ok && control.startsWith('public')) entries.set(path, entry);
    return entry;
  };
  const invalidate = (batch: string): void => {
    const paths = [...batch.matchAll(/<Path>([^<]+)<\/Path>/g)].map(([, path]) => path ?? '');
    invalidations.push(paths);
    references.push(/<CallerReference>([^<]+)</.exec(batch)?.[1] ?? '');
    const isNamed = (key: string): boolean =>
      paths.some((path) => (path.endsWith('*') ? key.startsWith(path.slice(0, -1)) : key === path));
    for (const key of [...entries.keys()].filter(isNamed)) entries.delete(key);
  };
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      const { status, body } = await read(request.url ?? '/');
      response.writeHead(status).end(body);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const isOrder = request.method === 'POST' && request.url === API;
    if (isOrder && !isRefused) invalidate(Buffer.concat(chunks).toString());
    response.writeHead(isRefused ? 403 : isOrder ? 201 : 404, { 'Content-Type': 'text/xml' });
    response.end(isRefused ? REFUSAL : '<Invalidation><Id>I1</Id><Status>InProgress</Status></Invalidation>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    invalidations,
    references,
    wait: (seconds) => {
      waited += seconds;
    },
    refuse: (value) => {
      isRefused = value;
    },
    environment: {
      ...{ AWS_ENDPOINT_URL: url, AWS_REGION: 'us-east-1', DTM_DISTRIBUTION: DISTRIBUTION },
      ...{ AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    },
  };
}
