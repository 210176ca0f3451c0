// ministack, a server that speaks AWS, in memory and on a free port of 127.0.0.1. Under `auth` it verifies every
// signature and evaluates IAM and bucket policies, and functions run under their own roles, but for the key `test`: that
// is the account's root, whose signature is not looked at and to whom nothing is denied, not even by a bucket policy.
// So whoever is to be refused something has to be another: a user (`users.ts`) or a role's session (STS).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childEnvironment, stackPython } from './python-environment.ts';
import { type Ending, freePort, startServer } from './start-server.ts';

export interface Aws {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** What a child needs to find it: endpoint, region and the root's key. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The variables by which the SDK finds a server on this machine, and nothing of the developer's own. */
export function awsEnvironment(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/** Starts an empty ministack that ends with the test. @throws {Error} if there is no Python, or it does not start */
export async function startMinistack(t: Ending, { auth = false }: { auth?: boolean } = {}): Promise<Aws> {
  const command = await stackPython();
  const folder = await mkdtemp(join(tmpdir(), 'dtm-ministack-'));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  await startServer(t, {
    name: 'ministack',
    command,
    args: ['-m', 'ministack'],
    env: childEnvironment({
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      AUTH: String(auth),
      TMPDIR: folder,
      STATE_DIR: join(folder, 'state'),
    }),
    folder,
    ready: `${endpoint}/_ministack/ready`,
  });
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return { endpoint, environment: awsEnvironment(endpoint) };
}
