// Each function on its own, with its events.
import assert from 'node:assert/strict';
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readReleases } from '../../lib/catalogue/release-list.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { readFilesBelow } from '../setting.ts';
import { type Cloud, KEY, PARAMETER, startCloud } from './start-cloud.ts';

const RUN = '2026-11-24T05-00-00Z';
const OTHER = '2026-11-24T06-00-00Z';
const planning = (run = RUN) => ({ input: { run, countries: ['TCD'], levels: [0] }, execution: 'arn:1' });
const fetching = (run = RUN) => ({ run, level: 0, country: 'TCD', again: true });
const publishing = (run = RUN) => ({ run, accept_drop: false, reissue: false });

async function wholeRun({ call }: Cloud, run = RUN): Promise<Record<string, unknown>> {
  await call('plan', planning(run));
  await call('fetch', fetching(run));
  return (await call('publish', publishing(run))) as Record<string, unknown>;
}

const metric = ({ lines }: Cloud, name: string) => lines.findLast((line) => '_aws' in line)?.[name];
const parametersRead = ({ aws }: Cloud) => aws.calls.filter((call) => call === 'GetParameter').length;

test('plan returns the sorted units of its input, and fetch the status and rows of its unit', async (t) => {
  const cloud = await startCloud(t);
  const planned = await cloud.call('plan', {
    input: {
      run: '2026-11-24T05:00:00Z',
      countries: ['TCD', 'AFG', 'TCD'],
      levels: [1, 0],
      accept_drop: true,
    },
    execution: 'arn:1',
  });
  const units = ['AFG', 'TCD'].flatMap((country) => [0, 1].map((level) => ({ level, country })));
  const choices = { accept_drop: true, reissue: false, again: false };
  assert.deepEqual(planned, { run: RUN, status: 'planned', units, ...choices });
  const fetched = (await cloud.call('fetch', fetching())) as { rows: number };
  assert.ok(fetched.rows > 0);
  assert.deepEqual(fetched, { level: 0, country: 'TCD', status: 'ok', rows: fetched.rows });
});

test('plan returns `already started` to another execution unless it resumes', async (t) => {
  const cloud = await startCloud(t);
  const status = async (execution: string, more = {}) => {
    const { input } = planning();
    const planned = await cloud.call('plan', { input: { ...input, ...more }, execution });
    return (planned as { status: string }).status;
  };
  assert.equal(await status('arn:1'), 'planned');
  assert.equal(await status('arn:1'), 'planned');
  assert.equal(await status('arn:2'), 'already started');
  assert.equal(await status('arn:2', { resume: true }), 'planned');
  assert.equal(await status('arn:3', { resume: false }), 'already started');
  assert.equal(cloud.api.requests.length, 2);
});

test('plan takes DTM_COUNTRIES if the input names no countries', async (t) => {
  const cloud = await startCloud(t, { environment: { DTM_COUNTRIES: 'TCD,AFG' } });
  const plan = async (input: object) =>
    (await cloud.call('plan', { input, execution: 'arn:1' })) as { units: { country: string }[] };
  const usual = await plan({ run: RUN, levels: [0] });
  assert.deepEqual(
    usual.units.map(({ country }) => country),
    ['AFG', 'TCD'],
  );
  const named = await plan({ run: OTHER, levels: [0], countries: ['SDN'] });
  assert.deepEqual(
    named.units.map(({ country }) => country),
    ['SDN'],
  );
});

test('fetch does not request a staged unit again, and a failed one only if `again` is true', async (t) => {
  const cloud = await startCloud(t, { apiOptions: { faults: ['refused@TCD'] } });
  await cloud.call('plan', planning());
  const ask = async (again: boolean) =>
    ((await cloud.call('fetch', { ...fetching(), again })) as { status: string }).status;
  assert.deepEqual([await ask(true), cloud.api.requests.length], ['failed', 3]);
  cloud.api.setFaults([]);
  assert.deepEqual([await ask(false), cloud.api.requests.length], ['failed', 3]);
  assert.deepEqual([await ask(true), cloud.api.requests.length], ['ok', 4]);
  assert.deepEqual([await ask(true), cloud.api.requests.length], ['ok', 4]);
});

test('fetch with another API address than the plan throws MixedSourceError before any request', async (t) => {
  const cloud = await startCloud(t);
  await cloud.call('plan', planning());
  const path = join(cloud.folder, 'runs', RUN, 'plan.json');
  const plan = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...plan, source_url: 'https://dtmapi.iom.int' }));
  const asked = cloud.api.requests.length;
  await assert.rejects(cloud.call('fetch', fetching()), {
    name: 'MixedSourceError',
    message: /^admin0\/TCD: .* planned with the address https:\/\/dtmapi\.iom\.int, not http:/,
  });
  assert.equal(cloud.api.requests.length, asked);
});

test('every log line has its run, unit and release', async (t) => {
  const cloud = await startCloud(t);
  await wholeRun(cloud);
  const lines = cloud.lines.filter((line) => !('_aws' in line));
  assert.ok(lines.every(({ run }) => run === RUN));
  const fetched = lines.filter(({ function_name }) => function_name === 'fetch');
  assert.ok(fetched.length >= 2 && fetched.every((line) => line.admin_level === 0 && line.country === 'TCD'));
  const { message, release } = lines.findLast(({ function_name }) => function_name === 'publish') ?? {};
  assert.equal(message, 'published');
  assert.match(String(release), /^\d{4}-\d\d-\d\d\.1$/);
  await cloud.call('publish', publishing());
  assert.equal(cloud.lines.filter((line) => String(line.message).includes('reserved key')).length, 0);
});

test('the key is read once, and again after a 401 without a cold start', async (t) => {
  const cloud = await startCloud(t);
  cloud.aws.parameters.set(PARAMETER, 'exchanged-0123456789');
  await assert.rejects(cloud.call('plan', planning()), {
    name: 'KeyRefusedError',
    message:
      /countries: the API refused the key \(HTTP 401\).*then put a valid key into the SSM parameter \/dtm\/key/,
  });
  assert.equal(parametersRead(cloud), 2);
  cloud.aws.parameters.set(PARAMETER, KEY);
  await cloud.call('plan', planning());
  assert.equal(parametersRead(cloud), 3);
  await cloud.call('plan', planning(OTHER));
  assert.equal(parametersRead(cloud), 3);
});

test('the secondary key is used when the API refuses the first', async (t) => {
  const cloud = await startCloud(t, { environment: { DTM_KEY_PARAMETER_SECONDARY: '/dtm/other' } });
  cloud.aws.parameters.set(PARAMETER, 'revoked-0123456789').set('/dtm/other', KEY);
  await cloud.call('plan', planning());
  assert.ok(cloud.lines.some(({ message }) => message === 'dtm.key'));
  assert.equal(parametersRead(cloud), 2);
});

test('a key that the API sends back appears in no log, report or state', async (t) => {
  const cloud = await startCloud(t, { environment: { DTM_MAX_FAILED: '100' } });
  await cloud.call('plan', planning());
  cloud.api.setFaults(['echo-key@TCD']);
  const fetched = await cloud.call('fetch', fetching());
  const files = [...(await readFilesBelow(cloud.folder)).values()].map(String);
  const all = [JSON.stringify([cloud.lines, fetched]), ...files].join('\n');
  assert.match(all, /\[key\]/);
  assert.ok(!all.includes(KEY));
});

test('fetch throws EarlyTimeoutError before its time limit, and a retry fetches the unit', async (t) => {
  const cloud = await startCloud(t);
  await cloud.call('plan', planning());
  cloud.api.setFaults(['slow-headers=60000']);
  await assert.rejects(cloud.call('fetch', fetching(), 10_200), {
    name: 'EarlyTimeoutError',
    message: /^stopped 10 s before this function's time limit/,
  });
  const errors = cloud.lines.filter(({ level }) => level === 'ERROR');
  assert.deepEqual(
    errors.map(({ error_name, country }) => [error_name, country]),
    [['EarlyTimeoutError', 'TCD']],
  );
  cloud.api.setFaults([]);
  assert.equal(((await cloud.call('fetch', fetching())) as { status: string }).status, 'ok');
});

test('a slow API becomes a failed unit before the function runs out of time', async (t) => {
  const cloud = await startCloud(t);
  await cloud.call('plan', planning());
  cloud.api.setFaults(['slow-headers=60000']);
  const { status } = (await cloud.call('fetch', fetching(), 14_000)) as { status: string };
  assert.equal(status, 'failed');
  const line = cloud.lines.find(({ message }) => message === 'failed');
  assert.match(String(line?.reason), /^DTMApiTimeoutError: admin0 TCD: no answer began within 3\.\d+ s/);
});

test('publish prunes by DTM_KEEP_NEWEST, and removes nothing without it', async (t) => {
  const cloud = await startCloud(t);
  const first = await wholeRun(cloud);
  cloud.api.setFaults(['changed@TCD']);
  const second = await wholeRun(cloud, OTHER);
  const dataOf = async ({ release }: Record<string, unknown>) =>
    (await folderStore(cloud.folder).list(`releases/${release}/tables/`)).length;
  assert.deepEqual([await dataOf(first), await dataOf(second)], [6, 6]);
  cloud.restart({ DTM_KEEP_NEWEST: '1', DTM_KEEP_MONTHLY: '0' });
  assert.equal(((await cloud.call('publish', publishing(OTHER))) as typeof first).outcome, 'published');
  assert.deepEqual([await dataOf(first), await dataOf(second)], [0, 6]);
  const listed = await readReleases(folderStore(cloud.folder));
  assert.deepEqual(
    listed.map(({ expires_at }) => expires_at === null),
    [true, false],
  );
  assert.ok(
    cloud.lines.some(({ message, releases }) => message === 'pruned' && (releases as unknown[]).length === 1),
  );
});

const DISTRIBUTION = 'E2QWRUHAPOMQZL';

test('publish empties the caches of what it prunes, or leaves that to finish', async (t) => {
  const cloud = await startCloud(t);
  const first = await wholeRun(cloud);
  cloud.api.setFaults(['changed@TCD']);
  await wholeRun(cloud, OTHER);
  assert.deepEqual(cloud.aws.forgotten, []);
  cloud.restart({ DTM_KEEP_NEWEST: '1', DTM_KEEP_MONTHLY: '0', DTM_DISTRIBUTION: DISTRIBUTION });
  cloud.aws.refused.set('CreateInvalidation', 'AccessDenied');
  await cloud.call('publish', publishing(OTHER));
  const unfinished = cloud.lines.find(({ message }) => message === 'left to finish');
  assert.match(String(unfinished?.step), /^caches: the distribution E2QWRUHAPOMQZL could not be asked/);
  assert.equal(metric(cloud, 'UnfinishedSteps'), 1);
  cloud.aws.refused.clear();
  await cloud.call('publish', publishing(OTHER));
  assert.deepEqual(cloud.aws.forgotten, [`${DISTRIBUTION} /releases/${first.release}/*`]);
  assert.equal(metric(cloud, 'UnfinishedSteps'), 0);
});

test('publish deletes old chart scripts that no page names, also without a retention rule', async (t) => {
  const cloud = await startCloud(t, { environment: { DTM_DISTRIBUTION: DISTRIBUTION } });
  await wholeRun(cloud);
  const old = 'assets/picture-HTI-0123456789abcdef.js';
  const others = ['assets/picture-HTI-0123456789abcde0.js', 'assets/page-0123456789abcdef.js'];
  const store = folderStore(cloud.folder);
  for (const key of [old, ...others]) await store.put(key, Buffer.from('x'), 'absent');
  const aged = new Date(Date.now() - 8 * 24 * 60 * 60 * 1000);
  for (const key of [old, others[1] as string]) await utimes(join(cloud.folder, key), aged, aged);
  await wholeRun(cloud, OTHER);
  const left = (await store.list('assets/')).map(({ key }) => key);
  assert.deepEqual([left.includes(old), ...others.map((key) => left.includes(key))], [false, true, true]);
  assert.deepEqual(cloud.aws.forgotten, [`${DISTRIBUTION} /assets/picture-*`]);
});

test('publish writes one line of metrics: drift, age, bytes, and failed checks', async (t) => {
  const cloud = await startCloud(t, { apiOptions: { faults: ['extra@TCD'] } });
  await wholeRun(cloud);
  assert.deepEqual([metric(cloud, 'SchemaDrift'), metric(cloud, 'SuccessfulChecks')], [1, 1]);
  assert.ok(Number(metric(cloud, 'Bytes')) > 1000 && Number(metric(cloud, 'Seconds')) > 0);
  cloud.api.setFaults(['refused@TCD']);
  const refused = await wholeRun(cloud, OTHER);
  assert.match(String(refused.reason), /1 of 1 units failed/);
  assert.deepEqual([metric(cloud, 'SuccessfulChecks'), metric(cloud, 'FailedChecks')], [0, 1]);
  assert.ok(Number(metric(cloud, 'ReleaseAgeHours')) >= 0);
  assert.equal(metric(cloud, 'Rows'), undefined);
  const written = cloud.lines.filter((line) => '_aws' in line);
  assert.equal(written.length, 2);
  assert.deepEqual([...new Set(written.map(({ service }) => service))], ['dtm-exporter-test']);
});

test('a bug in the program is logged with its stack', async (t) => {
  const cloud = await startCloud(t);
  await cloud.call('plan', planning());
  await writeFile(join(cloud.folder, 'runs', RUN, 'plan.json'), '{}');
  await assert.rejects(cloud.call('publish', publishing()), { name: 'TypeError' });
  const errors = cloud.lines.filter(({ level }) => level === 'ERROR');
  assert.deepEqual(
    errors.map(({ message }) => message),
    ['a mistake in this program, please report it'],
  );
  assert.match(JSON.stringify(errors[0]?.error), /plan\.ts/);
  assert.equal(metric(cloud, 'FailedChecks'), undefined, 'the state machine may try again');
});
