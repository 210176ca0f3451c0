// Starts versitygw, an S3 server over a folder. It works in parallel, checks signatures strictly, and shares no code with ministack.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goProgram } from '../go-program.ts';
import { type Cleanup, freePort, startServer } from '../start-server.ts';
import { childEnvironment } from './python-environment.ts';
import { type Aws, awsEnvironment } from './start-ministack.ts';

const VERSION = 'v1.8.0';
const MODULE = 'github.com/versity/versitygw/cmd/versitygw';

/** Starts an empty versitygw, which stops when the test ends. Prints a line and returns null if Go is missing. */
export async function startVersitygw(t: Cleanup): Promise<Aws | null> {
  const command = await goProgram(MODULE, VERSION);
  if (command === null) {
    process.stdout.write('versitygw is not tried: there is no Go to build it\n');
    return null;
  }
  const folder = await mkdtemp(join(tmpdir(), 'dtm-versitygw-'));
  for (const name of ['objects', 'versions']) await mkdir(join(folder, name));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const address = ['--port', `127.0.0.1:${port}`, '--health', '/health'];
  const root = ['--access', 'test', '--secret', 'test', '--region', 'us-east-1'];
  await startServer(t, {
    name: 'versitygw',
    command,
    args: [
      ...address,
      ...root,
      'posix',
      '--versioning-dir',
      join(folder, 'versions'),
      join(folder, 'objects'),
    ],
    env: childEnvironment(),
    folder,
    ready: `${endpoint}/health`,
  });
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return { endpoint, environment: awsEnvironment(endpoint) };
}
