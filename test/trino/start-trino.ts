// Installs Trino 476 once and starts it on 127.0.0.1, with a folder in place of the bucket. Athena's engine is based on Trino.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ROOT } from '../setting.ts';
import { freePort } from '../start-server.ts';
import { type QueryResult, runStatement } from './query-trino.ts';

const run = promisify(execFile);

const HOME = process.env.TRINO_HOME ?? join(ROOT, '.cache/trino-476');

/** Trino 476 needs Java 24 or newer. */
const JAVA_HOME = process.env.TRINO_JAVA_HOME ?? '/usr/lib/jvm/temurin-25-jdk-amd64';
export const JAVA = join(JAVA_HOME, 'bin/java');
export const HIVE_PLUGIN = join(HOME, 'plugin/hive');

const START_LIMIT_MS = 120_000;

/** Installs Trino if it is missing. @throws {Error} if the machine lacks Java */
export async function installTrino(): Promise<void> {
  if (!existsSync(JAVA)) throw new Error(`Trino needs Java 25: there is none at ${JAVA} (TRINO_JAVA_HOME)`);
  const installing = run(join(import.meta.dirname, 'install.sh'));
  installing.child.stderr?.pipe(process.stderr);
  await installing;
}

export interface Trino extends AsyncDisposable {
  readonly ask: (sql: string) => Promise<QueryResult>;
}

/** Starts a server. Its `local:///` is the folder `files` below `work`. */
export async function startTrino(work: string): Promise<Trino> {
  const port = await freePort();
  const server = `http://127.0.0.1:${port}`;
  await configure(work, port);
  const log = await open(join(work, 'server.log'), 'w');
  const child = spawn(JAVA, javaOptions(work), { cwd: work, stdio: ['ignore', log.fd, log.fd] });
  await log.close();
  try {
    await waitUntilReady(server, child);
  } catch (cause) {
    await stop(child);
    const logText = await readFile(join(work, 'server.log'), 'utf8');
    throw new Error(`Trino did not start:\n${logText.slice(-2000)}`, { cause });
  }
  return { ask: (sql) => runStatement(server, sql), [Symbol.asyncDispose]: () => stop(child) };
}

async function configure(work: string, port: number): Promise<void> {
  const catalog = join(work, 'etc/catalog');
  await mkdir(catalog, { recursive: true });
  await mkdir(join(work, 'files/metastore'), { recursive: true });
  const config = [
    ...['node.environment=test', 'node.id=test', 'coordinator=true'],
    ...['node.bind-ip=127.0.0.1', 'node.internal-address=127.0.0.1'],
    ...['node-scheduler.include-coordinator=true', `http-server.http.port=${port}`],
    ...[
      `discovery.uri=http://127.0.0.1:${port}`,
      `plugin.dir=${HOME}/plugin`,
      `catalog.config-dir=${catalog}`,
    ],
    ...['query.max-memory-per-node=300MB', 'memory.heap-headroom-per-node=200MB'],
  ];
  const hive = [
    ...['connector.name=hive', 'hive.metastore=file', 'hive.metastore.catalog.dir=local:///metastore'],
    ...['fs.native-local.enabled=true', `local.location=${work}/files`, 'hive.security=allow-all'],
  ];
  await writeFile(join(work, 'etc/config.properties'), config.join('\n'));
  await writeFile(join(catalog, 'hive.properties'), hive.join('\n'));
}

const javaOptions = (work: string): string[] => [
  ...['-Xmx900m', '-XX:+UseG1GC', '-XX:TieredStopAtLevel=1', '--add-modules=jdk.incubator.vector'],
  ...['--sun-misc-unsafe-memory-access=allow', '--enable-native-access=ALL-UNNAMED'],
  ...['-XX:+EnableDynamicAgentLoading', '-Duser.timezone=UTC', '-Dfile.encoding=UTF-8'],
  ...[`-Dconfig=${work}/etc/config.properties`, '-cp', `${HOME}/lib/*`, 'io.trino.server.TrinoServer'],
];

async function waitUntilReady(server: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (child.exitCode === null && Date.now() < deadline) {
    try {
      const info = (await (await fetch(`${server}/v1/info`)).json()) as { starting: boolean };
      if (!info.starting) return;
    } catch {
      // The server does not listen yet.
    }
    await setTimeout(250);
  }
  throw new Error(child.exitCode === null ? 'it took too long' : `it ended with ${child.exitCode}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
