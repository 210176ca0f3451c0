// The functions one by one, with the events that they are sent.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
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

test('what each function answers is small and complete', async (t) => {
  const there = await startCloud(t);
  const planned = await there.call('plan', {
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
  const fetched = (await there.call('fetch', fetching())) as { rows: number };
  assert.ok(fetched.rows > 0);
  assert.deepEqual(fetched, { level: 0, country: 'TCD', status: 'ok', rows: fetched.rows });
});

test('a plan belongs to its execution: to be had again by it, by one that resumes, and by no other', async (t) => {
  const there = await startCloud(t);
  const status = async (execution: string, more = {}) => {
    const { input } = planning();
    const planned = await there.call('plan', { input: { ...input, ...more }, execution });
    return (planned as { status: string }).status;
  };
  assert.equal(await status('arn:1'), 'planned');
  assert.equal(await status('arn:1'), 'planned');
  assert.equal(await status('arn:2'), 'already started');
  assert.equal(await status('arn:2', { resume: true }), 'planned');
  assert.equal(await status('arn:3', { resume: false }), 'already started');
  assert.equal(there.api.requests.length, 2);
});

test('countries come from the environment where the input names none', async (t) => {
  const there = await startCloud(t, { environment: { DTM_COUNTRIES: 'TCD,AFG' } });
  const plan = async (input: object) =>
    (await there.call('plan', { input, execution: 'arn:1' })) as { units: { country: string }[] };
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

test('a staged unit is not asked again; one that failed is, unless the loss was accepted', async (t) => {
  const there = await startCloud(t, { apiOptions: { faults: ['refused@TCD'] } });
  await there.call('plan', planning());
  const ask = async (again: boolean) =>
    ((await there.call('fetch', { ...fetching(), again })) as { status: string }).status;
  assert.deepEqual([await ask(true), there.api.requests.length], ['failed', 3]);
  there.api.setFaults([]);
  assert.deepEqual([await ask(false), there.api.requests.length], ['failed', 3]);
  assert.deepEqual([await ask(true), there.api.requests.length], ['ok', 4]);
  assert.deepEqual([await ask(true), there.api.requests.length], ['ok', 4]);
});

test('a function that asks elsewhere than the plan says fails the run, and asks nothing', async (t) => {
  const there = await startCloud(t);
  await there.call('plan', planning());
  const path = join(there.folder, 'runs', RUN, 'plan.json');
  const plan = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...plan, source_url: 'https://dtmapi.iom.int' }));
  const asked = there.api.requests.length;
  await assert.rejects(there.call('fetch', fetching()), {
    name: 'MixedSourceError',
    message: /^admin0\/TCD: .* planned with the address https:\/\/dtmapi\.iom\.int, not http:/,
  });
  assert.equal(there.api.requests.length, asked);
});

test('every line says of which run, unit and release it speaks', async (t) => {
  const there = await startCloud(t);
  await wholeRun(there);
  const lines = there.lines.filter((line) => !('_aws' in line));
  assert.ok(lines.every(({ run }) => run === RUN));
  const fetched = lines.filter(({ function_name }) => function_name === 'fetch');
  assert.ok(fetched.length >= 2 && fetched.every((line) => line.admin_level === 0 && line.country === 'TCD'));
  const { message, release } = lines.findLast(({ function_name }) => function_name === 'publish') ?? {};
  assert.equal(message, 'published');
  assert.match(String(release), /^\d{4}-\d\d-\d\d\.1$/);
  await there.call('publish', publishing());
  assert.equal(there.lines.filter(({ message: said }) => String(said).includes('reserved key')).length, 0);
});

test('the key is read once, and anew after a 401, without a cold start', async (t) => {
  const there = await startCloud(t);
  there.aws.parameters.set(PARAMETER, 'exchanged-0123456789');
  await assert.rejects(there.call('plan', planning()), {
    name: 'KeyRefusedError',
    message:
      /countries: the API refused the key \(HTTP 401\).*then put a valid key into the SSM parameter \/dtm\/key/,
  });
  assert.equal(parametersRead(there), 2);
  there.aws.parameters.set(PARAMETER, KEY);
  await there.call('plan', planning());
  assert.equal(parametersRead(there), 3);
  await there.call('plan', planning(OTHER));
  assert.equal(parametersRead(there), 3);
});

test('the second key is taken when the first is refused', async (t) => {
  const there = await startCloud(t, { environment: { DTM_KEY_PARAMETER_SECONDARY: '/dtm/other' } });
  there.aws.parameters.set(PARAMETER, 'revoked-0123456789').set('/dtm/other', KEY);
  await there.call('plan', planning());
  assert.ok(there.lines.some(({ message }) => message === 'dtm.key'));
  assert.equal(parametersRead(there), 2);
});

test('an API that sends the key back does not get it into log, report or state', async (t) => {
  const there = await startCloud(t, { environment: { DTM_MAX_FAILED: '100' } });
  await there.call('plan', planning());
  there.api.setFaults(['echo-key@TCD']);
  const fetched = await there.call('fetch', fetching());
  const files = [...(await readFilesBelow(there.folder)).values()].map(String);
  const all = [JSON.stringify([there.lines, fetched]), ...files].join('\n');
  assert.match(all, /\[key\]/);
  assert.ok(!all.includes(KEY));
});

test('work stops while there is still time to say so, and what was not done is asked again', async (t) => {
  const there = await startCloud(t);
  await there.call('plan', planning());
  there.api.setFaults(['slow-headers=60000']);
  await assert.rejects(there.call('fetch', fetching(), 10_200), {
    name: 'EarlyTimeoutError',
    message: /^stopped 10 s before this function's time limit/,
  });
  const said = there.lines.filter(({ level }) => level === 'ERROR');
  assert.deepEqual(
    said.map(({ error_name, country }) => [error_name, country]),
    [['EarlyTimeoutError', 'TCD']],
  );
  there.api.setFaults([]);
  assert.equal(((await there.call('fetch', fetching())) as { status: string }).status, 'ok');
});

test('an API that is too slow for the function is an outcome while there is time for it', async (t) => {
  const there = await startCloud(t);
  await there.call('plan', planning());
  there.api.setFaults(['slow-headers=60000']);
  const { status } = (await there.call('fetch', fetching(), 14_000)) as { status: string };
  assert.equal(status, 'failed');
  const said = there.lines.find(({ message }) => message === 'failed');
  assert.match(String(said?.reason), /^DTMApiTimeoutError: admin0 TCD: no answer began within 3\.\d+ s/);
});

test('what retention lets go is removed last, and nothing where none is set', async (t) => {
  const there = await startCloud(t);
  const first = await wholeRun(there);
  there.api.setFaults(['changed@TCD']);
  const second = await wholeRun(there, OTHER);
  const dataOf = async ({ release }: Record<string, unknown>) =>
    (await folderStore(there.folder).list(`releases/${release}/tables/`)).length;
  assert.deepEqual([await dataOf(first), await dataOf(second)], [6, 6]);
  there.restart({ DTM_KEEP_NEWEST: '1', DTM_KEEP_MONTHLY: '0' });
  assert.equal(((await there.call('publish', publishing(OTHER))) as typeof first).outcome, 'published');
  assert.deepEqual([await dataOf(first), await dataOf(second)], [0, 6]);
  const listed = await readReleases(folderStore(there.folder));
  assert.deepEqual(
    listed.map(({ expires_at }) => expires_at === null),
    [true, false],
  );
  assert.ok(
    there.lines.some(({ message, releases }) => message === 'pruned' && (releases as unknown[]).length === 1),
  );
});

test('what was measured is one line of metrics: drift, age, bytes, and a check that failed', async (t) => {
  const there = await startCloud(t, { apiOptions: { faults: ['extra@TCD'] } });
  await wholeRun(there);
  assert.deepEqual([metric(there, 'SchemaDrift'), metric(there, 'SuccessfulChecks')], [1, 1]);
  assert.ok(Number(metric(there, 'Bytes')) > 1000 && Number(metric(there, 'Seconds')) > 0);
  there.api.setFaults(['refused@TCD']);
  const refused = await wholeRun(there, OTHER);
  assert.match(String(refused.reason), /1 of 1 units failed/);
  assert.deepEqual([metric(there, 'SuccessfulChecks'), metric(there, 'FailedChecks')], [0, 1]);
  assert.ok(Number(metric(there, 'ReleaseAgeHours')) >= 0);
  assert.equal(metric(there, 'Rows'), undefined);
  const written = there.lines.filter((line) => '_aws' in line);
  assert.equal(written.length, 2);
  assert.deepEqual([...new Set(written.map(({ service }) => service))], ['dtm-exporter-test']);
});

test('a mistake in the program keeps its stack', async (t) => {
  const there = await startCloud(t);
  await there.call('plan', planning());
  await writeFile(join(there.folder, 'runs', RUN, 'plan.json'), '{}');
  await assert.rejects(there.call('publish', publishing()), { name: 'TypeError' });
  const said = there.lines.filter(({ level }) => level === 'ERROR');
  assert.deepEqual(
    said.map(({ message }) => message),
    ['a mistake in this program, please report it'],
  );
  assert.match(JSON.stringify(said[0]?.error), /plan\.ts/);
  assert.equal(metric(there, 'FailedChecks'), 1);
});
