// Starts ministack, an in-memory server with AWS's APIs, on a free port of 127.0.0.1. With `auth` it verifies every signature and
// evaluates IAM and bucket policies, and functions run under their own roles. The key `test` is an exception: it is the account's
// root, whose signature is not checked and to which nothing is denied, not even by a bucket policy. To test a refusal, use
// a user (`users.ts`) or a role's session (STS).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cleanup, freePort, startServer } from '../start-server.ts';
import { childEnvironment, stackPython } from './python-environment.ts';

export interface Aws {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** Environment for child processes: endpoint, region and the root's key. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Variables that point the SDK to a server on this machine and hide the developer's own AWS settings. */
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

export interface MinistackOptions {
  /** Verifies signatures and evaluates policies. */
  readonly auth?: boolean;
  /** Refuses every reservation of concurrency, as AWS does in a new account. */
  readonly smallAccount?: boolean;
}

/** Starts an empty ministack, which stops when the test ends. @throws {Error} if Python is missing or the start fails */
export async function startMinistack(
  t: Cleanup,
  { auth = false, smallAccount = false }: MinistackOptions = {},
): Promise<Aws> {
  const command = await stackPython();
  const folder = await mkdtemp(join(tmpdir(), 'dtm-ministack-'));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  await startServer(t, {
    name: 'ministack',
    command,
    args: smallAccount ? [join(import.meta.dirname, 'small-account.py')] : ['-m', 'ministack'],
    env: childEnvironment({
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      AUTH: String(auth),
      // Waits and retries of state machines take a hundredth of their time.
      SFN_WAIT_SCALE: '0.01',
      TMPDIR: folder,
      STATE_DIR: join(folder, 'state'),
    }),
    folder,
    ready: `${endpoint}/_ministack/ready`,
  });
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return { endpoint, environment: awsEnvironment(endpoint) };
}
