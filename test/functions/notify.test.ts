// The operator's mails: the real state machine and handlers run, and `notify` gets their end as AWS documents it.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { findGapChanges } from '../../lib/run/outcome/mail/gaps.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { type Cloud, execute, KEY, startCloud } from './start-cloud.ts';

const STACK = 'dtm-exporter-prod';
const MACHINE = `arn:aws:states:eu-central-1:012345678912:stateMachine:${STACK}`;
const COUNTRIES = ['AFG', 'SDN', 'TCD'];
const LEVELS = [0];
const runOn = (day: number) => `2026-11-${day}T05:00:00Z`;

/** The event of an ended execution. AWS: Step Functions, "Step Functions Execution Status Change". */
const endEvent = (detail: Record<string, unknown>, region = 'eu-central-1', partition = 'aws') => ({
  version: '0',
  id: '315c1398-40ff-a850-213b-158f73e60175',
  'detail-type': 'Step Functions Execution Status Change',
  source: 'aws.states',
  account: '012345678912',
  time: '2026-11-24T19:42:21Z',
  region,
  resources: [`arn:${partition}:states:${region}:012345678912:execution:${STACK}:one`],
  detail: {
    executionArn: `arn:${partition}:states:${region}:012345678912:execution:${STACK}:one`,
    stateMachineArn: MACHINE.replace('eu-central-1', region).replace('arn:aws:', `arn:${partition}:`),
    name: 'one',
    startDate: Date.now() - 1,
    stopDate: Date.now(),
    inputDetails: { included: true },
    output: null,
    error: null,
    cause: null,
    ...detail,
  },
});

interface ReceivedMail {
  readonly subject: string;
  readonly text: string;
}

/** The mails on the topic of the alarms. */
const mails = ({ aws }: Cloud): ReceivedMail[] =>
  aws.messages
    .filter((message) => message.get('TopicArn')?.endsWith(':alarms'))
    .map((message) => ({ subject: message.get('Subject') ?? '', text: message.get('Message') ?? '' }));

/** Runs the state machine, and tells `notify` its end. Returns the new mails. */
async function runAndNotify(cloud: Cloud, input: Record<string, unknown>): Promise<ReceivedMail[]> {
  const startDate = Date.now() - 1;
  const { failure } = await execute(cloud, input);
  const before = mails(cloud).length;
  // Lambda gives the cause of an error as JSON, the state `Refused` as text.
  const cause = failure && {
    error: failure.name,
    cause:
      failure.name === 'Refused'
        ? failure.cause
        : JSON.stringify({ errorType: failure.name, errorMessage: failure.cause, trace: [] }),
  };
  const status = failure ? 'FAILED' : 'SUCCEEDED';
  await cloud.call('notify', endEvent({ status, startDate, input: JSON.stringify(input), ...cause }));
  const all = mails(cloud);
  for (const { subject, text } of all) {
    assert.match(subject, /^[ -~]{1,99}$/);
    assert.ok(!`${subject}${text}`.includes(KEY));
  }
  return all.slice(before);
}

const onDay = (day: number, more: Record<string, unknown> = {}) => ({
  ...{ run: runOn(day), countries: COUNTRIES, levels: LEVELS },
  ...more,
});

test('a refused run is one mail with the whole reason, the failed units, the links and the input to start', async (t) => {
  const cloud = await startCloud(t);
  assert.deepEqual(await runAndNotify(cloud, onDay(20)), []);
  cloud.api.setFaults(COUNTRIES.map((country) => `dead@${country}`));
  const [mail, ...others] = await runAndNotify(cloud, onDay(21));
  assert.deepEqual(others, []);
  assert.equal(mail?.subject, `${STACK}: run 2026-11-21T05-00-00Z refused`);
  const { text = '' } = mail ?? {};
  assert.match(text, /^Run 2026-11-21T05-00-00Z was refused: .* What was published stays as it is\.\n/);
  assert.match(text, /Why\n {2}3 of 3 units failed, more than --max-failed 10 percent \(admin0\/AFG: /);
  assert.match(text, /Units without an answer: 3\n {2}admin0\/AFG: DTMApiRequestError: .*got 500/);
  assert.match(text, /What to do\n {2}Wait until the API answers/);
  const input = `'{"run":"2026-11-21T05-00-00Z","countries":["AFG","SDN","TCD"],"levels":[0],"resume":true}'`;
  assert.ok(
    text.includes(
      `aws stepfunctions start-execution --region eu-central-1 --state-machine-arn ${MACHINE} --input ${input}`,
    ),
    text,
  );
  assert.ok(
    text.includes(
      `https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/arn:aws:states:eu-central-1:012345678912:execution:${STACK}:one`,
    ),
  );
  assert.match(text, /npx dtm-exporter status /);
  assert.match(text, /aws logs tail .*\$\.run = "2026-11-21T05-00-00Z"/);
});

test('the mail of a refused loss has the input that accepts it, and that input publishes', async (t) => {
  const cloud = await startCloud(t);
  await runAndNotify(cloud, onDay(20));
  cloud.api.setFaults(['gone@TCD']);
  const [mail] = await runAndNotify(cloud, onDay(21, { countries: ['AFG', 'SDN'] }));
  assert.match(mail?.text ?? '', /TCD lost all its rows/);
  const input = /--input '(\{.*\})'$/m.exec(mail?.text ?? '')?.[1] ?? '';
  const { result } = await execute(cloud, JSON.parse(input));
  assert.equal(result?.outcome, 'published');
});

test('a country without an answer in three runs is one mail when it begins and one when it ends', async (t) => {
  const cloud = await startCloud(t, { environment: { DTM_MAX_FAILED: '40' } });
  const subjects: string[][] = [];
  const run = async (day: number, faults: string[], more = {}) => {
    cloud.api.setFaults(faults);
    const received = await runAndNotify(cloud, onDay(day, more));
    subjects.push(received.map(({ subject }) => subject.replace(`${STACK}: `, '')));
    return received[0]?.text ?? '';
  };
  await run(10, []);
  const begun = await run(11, ['dead@SDN', 'changed@TCD']);
  await run(12, ['dead@SDN', 'changed@TCD']);
  // A run over another country ends nothing, and neither does one that fails or that is delivered twice.
  await run(13, ['changed@TCD'], { countries: ['TCD'] });
  await run(12, ['dead@SDN'], {});
  await run(14, ['dead@SDN', 'changed@TCD']);
  const ended = await run(15, ['changed@TCD']);
  await run(16, ['changed@TCD']);
  assert.deepEqual(subjects, [[], ['no answer for SDN'], [], [], [], [], ['an answer again for SDN'], []]);
  assert.match(begun, /SDN \(admin0\), last answered \d{4}-\d\d-\d\d: DTMApiRequestError: .*got 500/);
  assert.match(ended, /Countries that answer again: 1\n {2}SDN, without an answer since \d{4}-/);
});

test('a mail that could not be sent is sent after the next run, and the country is not forgotten', async (t) => {
  const cloud = await startCloud(t, { environment: { DTM_MAX_FAILED: '40' } });
  await runAndNotify(cloud, onDay(10));
  cloud.api.setFaults(['dead@SDN']);
  cloud.aws.refused.set('Publish', 'AuthorizationError');
  cloud.restart({ DTM_MAX_FAILED: '40', AWS_MAX_ATTEMPTS: '1' });
  await assert.rejects(runAndNotify(cloud, onDay(11)));
  cloud.aws.refused.clear();
  const [mail] = await runAndNotify(cloud, onDay(12));
  assert.equal(mail?.subject, `${STACK}: no answer for SDN`);
  const { begun, ended } = await findGapChanges(folderStore(cloud.folder), new Date());
  assert.deepEqual([begun, ended], [[], []]);
});

test('a run that fails before any report is mailed with its error, which the public event does not have', async (t) => {
  const cloud = await startCloud(t);
  cloud.aws.parameters.set('/dtm/key', 'another-key-0123456789012345');
  const [refused] = await runAndNotify(cloud, onDay(20));
  assert.equal(refused?.subject, `${STACK}: run 2026-11-20T05-00-00Z failed`);
  assert.match(
    refused?.text ?? '',
    /Why\n {2}KeyRefusedError: .*HTTP 401.*put a valid key into the SSM parameter \/dtm\/key/,
  );
  assert.match(refused?.text ?? '', /Put a valid key into the SSM parameter/);
  const events = cloud.aws.events.map(({ Detail }) => JSON.parse(String(Detail)).data.reason);
  assert.deepEqual(events, ['KeyRefusedError: countries: the API refused the key (HTTP 401)']);
  cloud.aws.parameters.delete('/dtm/key');
  cloud.restart();
  const [missing] = await runAndNotify(cloud, onDay(21));
  assert.match(
    missing?.text ?? '',
    /Why\n {2}ConfigurationError: the SSM parameter \/dtm\/key is not in region eu-central-1/,
  );
  cloud.aws.parameters.set('/dtm/key', KEY);
  cloud.restart();
  cloud.api.setFaults(['500@countries']);
  const [down] = await runAndNotify(cloud, onDay(22));
  assert.match(down?.text ?? '', /The API did not answer as it should/);
});

test('the report of an earlier execution of the run is not taken for that of this one', async (t) => {
  const cloud = await startCloud(t);
  cloud.api.setFaults(COUNTRIES.map((country) => `dead@${country}`));
  const [refused] = await runAndNotify(cloud, onDay(21));
  assert.match(refused?.text ?? '', /Units without an answer: 3/);
  const later = { input: JSON.stringify(onDay(21)), startDate: Date.now() + 60_000 };
  await cloud.call(
    'notify',
    endEvent({ status: 'FAILED', ...later, error: 'ConfigurationError', cause: 'x' }),
  );
  assert.doesNotMatch(mails(cloud).at(-1)?.text ?? '', /Units without an answer/);
});

test('executions that timed out or were aborted are told, with the input to go on', async (t) => {
  const cloud = await startCloud(t);
  const input = JSON.stringify(onDay(20));
  await cloud.call('notify', endEvent({ status: 'TIMED_OUT', input, error: 'States.Timeout' }));
  await cloud.call('notify', endEvent({ status: 'ABORTED', input }));
  // Step Functions leaves out an input that is too large. The execution of a refresh has the run's id as its name.
  const noInput = { input: null, inputDetails: { included: false }, name: '2026-11-22T05-00-00Z-0a1b2c3d' };
  await cloud.call(
    'notify',
    endEvent({ status: 'FAILED', ...noInput, error: 'Runtime.ExitError', cause: 'x' }),
  );
  await cloud.call(
    'notify',
    endEvent({ status: 'FAILED', input: '{"run":"tomorrow"}', error: 'EventError' }),
  );
  assert.deepEqual(
    mails(cloud).map(({ subject }) => subject.replace(`${STACK}: `, '')),
    [
      'run 2026-11-20T05-00-00Z timed out',
      'run 2026-11-20T05-00-00Z aborted',
      'run 2026-11-22T05-00-00Z-0a1b2c3d failed',
      'execution one failed',
    ],
  );
  for (const { text } of mails(cloud).slice(0, 3)) assert.match(text, /"resume":true\}'/);
  assert.match(mails(cloud)[3]?.text ?? '', /Correct the input of the execution/);
});

test('the console link is that of the partition', async (t) => {
  const cloud = await startCloud(t);
  for (const [region, partition] of [
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
  ] as const)
    await cloud.call('notify', endEvent({ status: 'ABORTED', input: null }, region, partition));
  const [china, gov] = mails(cloud).map(({ text }) => text);
  assert.match(china ?? '', /https:\/\/cn-north-1\.console\.amazonaws\.cn\/states\/home\?region=cn-north-1#/);
  assert.match(gov ?? '', /https:\/\/us-gov-west-1\.console\.amazonaws-us-gov\.com\/states\//);
});

test('a failure is told even if the bucket cannot be read, and a success then fails so that it is tried again', async (t) => {
  const cloud = await startCloud(t, { environment: { DTM_DESTINATION: process.execPath } });
  const input = JSON.stringify(onDay(20));
  await cloud.call('notify', endEvent({ status: 'FAILED', input, error: 'StoreError', cause: 'no bucket' }));
  assert.match(mails(cloud)[0]?.text ?? '', /Why\n {2}StoreError: no bucket/);
  await assert.rejects(cloud.call('notify', endEvent({ status: 'SUCCEEDED', input })));
});

test('a damaged status.json stops no mail of a failure', async (t) => {
  const cloud = await startCloud(t);
  await writeFile(join(cloud.folder, 'status.json'), '{');
  await cloud.call(
    'notify',
    endEvent({ status: 'FAILED', input: null, error: 'DamagedFileError', cause: 'x' }),
  );
  assert.match(mails(cloud)[0]?.text ?? '', /the command repair/);
  await rm(join(cloud.folder, 'status.json'));
});
