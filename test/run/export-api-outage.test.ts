// A run stops sending requests when its refusal is certain, the key is refused or the deadline is over.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCurrent } from '../../lib/catalogue/pointer.ts';
import { readStatus } from '../../lib/catalogue/status.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { exportInto, runInThisProcess, simulator, temporaryFolder } from '../setting.ts';

const RUN = '2026-11-24T05-00-00Z';
const LISTS = 2;

test('API down: requests stop once the refusal is certain, and a resumed run requests the rest', async (t) => {
  const world = await simulator(t, { faults: ['500@admin0', '500@admin1', '500@admin2'] });
  const folder = await temporaryFolder(t);
  const setting = { folder, url: world.url, run: RUN, countries: null, levels: [0] } as const;
  const refused = await exportInto({ ...setting, options: { concurrency: 1 } });
  assert.equal(refused.outcome, 'refused');
  // 10 percent of 53 units are 5.
  assert.equal(world.requests.length, LISTS + 6 * 2);
  assert.match(
    refused.reason ?? '',
    /^53 of 53 units failed, 47 of which were not waited for, more than --max-failed 10 percent \(admin0\/AFG: DTMApiRequestError: .*run again with --run 2026-11-24T05-00-00Z to ask for these alone$/,
  );
  world.setFaults([]);
  const again = await exportInto(setting);
  assert.equal(again.outcome, 'published');
  assert.equal(world.requests.length, LISTS + 6 * 2 + 53);
});

test('a key that is revoked during a run ends the run at once with KeyRefusedError', async (t) => {
  const world = await simulator(t, { faults: ['401@admin0'] });
  const folder = await temporaryFolder(t);
  await exportInto({ folder, url: world.url, run: RUN, levels: [1] });
  const asked = world.requests.length;
  const run = '2026-11-24T06-00-00Z';
  const options = { concurrency: 1 };
  await assert.rejects(exportInto({ folder, url: world.url, run, countries: null, options }), {
    name: 'KeyRefusedError',
    message: /admin0 AFG: the API refused the key \(HTTP 401\).*put a valid key into DTMAPI_SUBSCRIPTION_KEY/,
  });
  assert.equal(world.requests.length - asked, LISTS + 1);
  assert.equal((await readStatus(folderStore(folder)))?.last_failure?.run, run);
});

test('after --deadline no request is sent, and the run publishes the answers that it has', async (t) => {
  const world = await simulator(t, { faults: ['slow-headers=60000@admin2/TCD'] });
  const folder = await temporaryFolder(t);
  const env = { DTMAPI_URL: world.url, DTMAPI_SUBSCRIPTION_KEY: 'sample-key' };
  const options = [
    'export',
    '--to',
    folder,
    '--countries',
    'AFG,SDN,TCD',
    '--json',
    '--deadline',
    '2',
    '--run',
    RUN,
  ];
  const { exit, stdout } = await runInThisProcess([...options, '--max-failed', '50'], { env });
  const outcome = JSON.parse(stdout);
  assert.deepEqual([exit, outcome.outcome, outcome.units.failed], [3, 'published', 1]);
  const { manifest } = await readCurrent(folderStore(folder));
  const unit = manifest?.coverage.units.find(({ status }) => status === 'failed');
  assert.equal(unit?.reason, 'No answer was waited for: the 2 s of --deadline were over.');
});

test('lists that arrive after --deadline: exit status 1 and one sentence', async (t) => {
  const world = await simulator(t, { faults: ['slow-headers=60000@operations'] });
  const folder = await temporaryFolder(t);
  const env = { DTMAPI_URL: world.url, DTMAPI_SUBSCRIPTION_KEY: 'sample-key' };
  const { exit, stderr } = await runInThisProcess(['export', '--to', folder, '--deadline', '0.5'], { env });
  assert.equal(exit, 1);
  assert.match(stderr, /^dtm-exporter: the API did not give its lists within the 0\.5 s of --deadline: /);
});

test('a unit fails if its answer is far larger than its last one, or above --max-bytes', async (t) => {
  const world = await simulator(t);
  const folder = await temporaryFolder(t);
  const setting = { folder, url: world.url, options: { maxFailed: 50 } };
  await exportInto({ ...setting, run: RUN });
  world.setFaults(['bomb=20@admin1/TCD', 'changed@AFG']);
  const bombed = await exportInto({ ...setting, run: '2026-11-24T06-00-00Z' });
  assert.deepEqual([bombed.outcome, bombed.units.carried], ['published', 1]);
  const { manifest } = await readCurrent(folderStore(folder));
  const unit = manifest?.coverage.units.find(({ status }) => status === 'carried');
  assert.match(unit?.reason ?? '', /admin1 TCD: the answer is larger than allowed/);
  const env = { DTMAPI_URL: world.url, DTMAPI_SUBSCRIPTION_KEY: 'sample-key' };
  const options = ['--to', folder, '--countries', 'AFG', '--max-bytes', '1K', '--json'];
  const { stdout } = await runInThisProcess(['export', ...options], { env });
  assert.match(JSON.parse(stdout).reason, /expected at most 1024 bytes after decompression/);
});
