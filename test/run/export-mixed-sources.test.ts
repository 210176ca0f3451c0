// A run has one source. An answer from another source, during the run or after a resume, is never published.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { readStatus } from '../../lib/catalogue/status.ts';
import { ConfigurationError } from '../../lib/environment/configuration.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { exportInto, runInChildProcess, simulator, temporaryFolder } from '../setting.ts';
import { startChangingProxy } from './start-changing-proxy.ts';

const RUN = '2026-11-24T05-00-00Z';

/** Starts an API that does not mark its figures as invented on the paths for which `looksReal` is true. */
const startUnmarkedApi = (
  t: TestContext,
  target: string,
  looksReal: (path: string) => boolean,
): Promise<string> =>
  startChangingProxy(t, target, ({ path, headers }) => {
    const { 'x-dtm-synthetic': _, ...others } = headers;
    return looksReal(path) ? { headers: others } : {};
  });

test('a real run resumed with a simulator or --sample is refused before any request', async (t) => {
  const world = await simulator(t, { faults: ['dead@SDN'] });
  const folder = await temporaryFolder(t);
  const real = await startUnmarkedApi(t, world.url, () => true);
  const first = await exportInto({ folder, url: real, run: RUN });
  assert.equal(first.outcome, 'refused');
  const asked = world.requests.length;
  world.setFaults([]);
  await assert.rejects(
    exportInto({ folder, url: world.url, run: RUN }),
    (error) =>
      error instanceof ConfigurationError &&
      /planned with the address http.*, not http.*: a run belongs to one source/.test(error.message),
  );
  assert.equal(world.requests.length, asked);
  const options = ['--to', folder, '--run', RUN, '--countries', 'AFG,SDN,TCD', '--json'];
  const sample = await runInChildProcess(['export', '--sample', ...options]);
  assert.equal(sample.exit, 2, sample.stderr);
  assert.match(
    sample.stderr,
    /a run belongs to one source; resume it with the same one \(DTMAPI_URL, --sample\)/,
  );
  assert.equal((await readCurrent(folderStore(folder))).manifest, null);
});

test('invented figures during a real run: MixedSourceError, and nothing is published', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const url = await startUnmarkedApi(t, world.url, (path) => !path.includes('admin1'));
  await assert.rejects(exportInto({ folder, url, run: RUN }), {
    name: 'MixedSourceError',
    message: /^admin1\/\w{3}: run .* was planned with figures that are real, not invented/,
  });
  assert.equal((await readCurrent(folderStore(folder))).manifest, null);
});

test('real figures during a run with invented ones fail the run, which is recorded', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  let mixed = false;
  const url = await startUnmarkedApi(
    t,
    world.url,
    (path) => mixed && path.includes('admin2') && path.includes('TCD'),
  );
  const { release } = await exportInto({ folder, url, run: RUN });
  mixed = true;
  const run = '2026-11-24T06-00-00Z';
  await assert.rejects(exportInto({ folder, url, run }), /admin2\/TCD: .* invented, not real/);
  const store = folderStore(folder);
  assert.equal((await readCurrent(store)).pointer?.release, release);
  const status = await readStatus(store);
  assert.deepEqual([status?.last_check?.outcome, status?.last_failure?.run], ['failed', run]);
});

test('two lists from different sources end the run before any unit is requested', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const url = await startUnmarkedApi(t, world.url, (path) => path.includes('operation-list'));
  await assert.rejects(exportInto({ folder, url }), /of the two lists one has real figures/);
  assert.equal(world.requests.length, 2);
});

test('a unit that another source staged under the same run id: publish throws MixedSourceError', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const store = folderStore(folder);
  const put: typeof store.put = async (key, body, ...rest) => {
    const foreign = key.endsWith('units/admin0/TCD.json');
    const text = Buffer.from(body).toString();
    const changed = foreign ? Buffer.from(text.replace('"synthetic": true', '"synthetic": false')) : body;
    return store.put(key, changed, ...rest);
  };
  await assert.rejects(exportInto({ folder, url: world.url, store: { ...store, put } }), {
    name: 'MixedSourceError',
    message: /^admin0\/TCD: /,
  });
});
