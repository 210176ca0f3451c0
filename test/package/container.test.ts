// The container file of docs/schedule.md, without a container: its steps run in a folder, with the packed tarball.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { fenced } from '../docs/fenced.ts';
import { ROOT, simulator, skipSchemaCheck, temporaryFolder } from '../setting.ts';

const run = promisify(execFile);

/** The instructions of the container file, by name. Each is there once. */
async function instructions(): Promise<Record<string, string>> {
  const text = (await fenced('docs/schedule.md', 'dockerfile')).replaceAll('\\\n', ' ').trim();
  return Object.fromEntries(text.split('\n').map((line) => [line.split(' ')[0], line.replace(/^\S+ /, '')]));
}

test('the container file installs the tarball, and its command exports into the volume', async (t) => {
  const root = skipSchemaCheck(await temporaryFolder(t));
  const { FROM = '', COPY = '', RUN = '', USER, ENTRYPOINT = '', VOLUME = '' } = await instructions();
  assert.equal(FROM, 'docker.io/library/node:24-bookworm-slim');
  assert.equal(USER, '1000');
  await mkdir(join(root, 'tmp'));
  await run('npm', ['pack', '--pack-destination', root], { cwd: ROOT });
  const [pattern = '', target = ''] = COPY.split(' ');
  const tarball = (await readdir(root)).find((name) =>
    new RegExp(`^${pattern.replace('*', '.*')}$`).test(name),
  );
  await copyFile(join(root, tarball ?? assert.fail(pattern)), join(root, target));

  const inRoot = (text: string): string =>
    text.replaceAll(target, `${root}${target}`).replaceAll(VOLUME, `${root}${VOLUME}`);
  const owner = process.getuid?.() === 0 ? RUN : RUN.replace(/--owner \S+ --group \S+/, '');
  // The cache is cleaned at the end, so it must not be the user's.
  const npm = { npm_config_prefix: join(root, 'usr'), npm_config_cache: join(root, 'cache') };
  const env = { ...process.env, ...npm, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
  await run('sh', ['-ec', inRoot(owner)], { cwd: root, env });
  assert.ok(!(await readdir(join(root, 'tmp'))).includes('dtm-exporter.tgz'));
  assert.ok((await stat(join(root, VOLUME))).isDirectory());

  const line = (await fenced('docs/schedule.md', 'sh')).trim();
  const [, volume, args = ''] = / --volume \w+:(\S+) dtm-exporter (.*)$/.exec(line) ?? [];
  assert.equal(volume, VOLUME);
  const [command = ''] = JSON.parse(ENTRYPOINT) as string[];
  const { url } = await simulator(t);
  const { stdout } = await run(join(root, 'usr/bin', command), inRoot(args).split(' '), {
    env: { ...env, DTMAPI_URL: url, DTMAPI_SUBSCRIPTION_KEY: 'sample-key' },
  });
  assert.match(stdout, /^Published release/);
});
