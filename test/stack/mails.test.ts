// The operator's mails of the deployed stack, read from a queue on the topic of the alarms. The subtests run in order, like days.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { SubscribeCommand } from '@aws-sdk/client-sns';
import { DeleteParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { simulator, THREE_COUNTRIES } from '../setting.ts';
import { clientOptions, STACK } from './deploy-stack.ts';
import { createQueue, receiveMessages } from './queues.ts';
import { execute, readLog, startStack } from './start-stack.ts';

interface Mail {
  readonly Subject: string;
  readonly Message: string;
}

test('the deployed stack mails how runs ended, and a country without an answer once', async (t) => {
  const world = await simulator(t);
  const runningStack = await startStack(t, {
    apiUrl: world.url,
    countries: THREE_COUNTRIES.join(','),
    maxFailed: '50',
    alarmDays: '3',
  });
  const { aws, stack, sqs, sns } = runningStack;
  const { StateMachineArn: stateMachineArn = '', TopicArn = '' } = stack.outputs;
  const queue = await createQueue(sqs, 'operator');
  const topic = TopicArn.replace(/-releases$/, '-alarms');
  await sns.send(new SubscribeCommand({ TopicArn: topic, Protocol: 'sqs', Endpoint: queue.arn }));
  const machine = new SFNClient(clientOptions(aws));

  const run = (day: number) => `2026-11-${day}T05-00-00Z`;
  const inputOf = (day: number) => JSON.stringify({ run: run(day), levels: [0] });
  /** The mails until none comes for two seconds. With `expected`, waits for the first one. */
  const mails = async (expected = false): Promise<Mail[]> => {
    for (let attempt = 1; ; attempt++) {
      const received = (await receiveMessages(sqs, queue)) as unknown as Mail[];
      if (received.length > 0 || !expected || attempt === 10) return received;
    }
  };
  const subjects = (received: readonly Mail[]) =>
    received.map(({ Subject }) => Subject.replace(`${STACK}: `, ''));

  await t.test('a country without an answer in three runs is two mails in all', async () => {
    const received: string[][] = [];
    for (const [day, faults] of [
      [10, []],
      [11, ['dead@AFG', 'changed@TCD']],
      [12, ['dead@AFG', 'changed@TCD']],
      [13, ['dead@AFG', 'changed@TCD', 'changed@SDN']],
      [14, ['changed@TCD', 'changed@SDN']],
    ] as const) {
      world.setFaults(faults);
      const { status } = await execute(runningStack, inputOf(day));
      assert.equal(status, 'SUCCEEDED', String(day));
      received.push(subjects(await mails(day === 11 || day === 14)));
    }
    assert.deepEqual(received, [[], ['no answer for AFG'], [], [], ['an answer again for AFG']]);
  });

  await t.test(
    'a refused run is one mail with reason, units, link and the command that goes on',
    async (subtest) => {
      world.setFaults(['dead@TCD', 'dead@AFG']);
      await execute(runningStack, inputOf(15));
      const [mail, ...others] = await mails(true);
      assert.deepEqual([mail?.Subject, others], [`${STACK}: run ${run(15)} refused`, []]);
      const text = mail?.Message ?? '';
      subtest.diagnostic(text);
      assert.match(text, /Why\n {2}2 of 3 units failed, more than --max-failed 50 percent/);
      assert.match(text, /Units without an answer: 2\n {2}admin0\/AFG: DTMApiRequestError: .*got 500/);
      assert.match(
        text,
        /Countries without an answer since this run: 2\n {2}AFG \(admin0\), last answered 20/,
      );
      assert.match(text, /console\.aws\.amazon\.com\/states\/home\?region=us-east-1#\/v2\/executions/);
      const command = /start-execution .* --state-machine-arn (\S+) --input '(\{.*\})'$/m.exec(text);
      assert.equal(command?.[1], stateMachineArn);
      world.setFaults([]);
      const { status } = await execute(runningStack, command?.[2] ?? '');
      assert.equal(status, 'SUCCEEDED');
      assert.deepEqual(subjects(await mails(true)), ['an answer again for AFG, TCD']);
    },
  );

  await t.test('a stopped execution is one mail', async () => {
    world.setFaults(['latency=20000']);
    const { executionArn = '' } = await machine.send(
      new StartExecutionCommand({ stateMachineArn, input: inputOf(16) }),
    );
    await machine.send(new StopExecutionCommand({ executionArn, cause: 'by mistake' }));
    const { status } = await machine.send(new DescribeExecutionCommand({ executionArn }));
    assert.equal(status, 'ABORTED');
    const received = await mails(true);
    assert.deepEqual(subjects(received), [`run ${run(16)} aborted`]);
    assert.match(received[0]?.Message ?? '', /To go on, resume the run.*\n.*"resume":true/);
  });

  await t.test(
    'a run without a key is one mail with the name of the parameter, and no public event names it',
    async () => {
      world.setFaults([]);
      await new SSMClient(clientOptions(aws)).send(
        new DeleteParameterCommand({ Name: '/dtm-exporter/test/key' }),
      );
      // A function that has read the key keeps it until the API refuses it.
      world.setFaults(['401']);
      await execute(runningStack, inputOf(17));
      const received = await mails(true);
      assert.deepEqual(subjects(received), [`run ${run(17)} failed`]);
      assert.match(
        received[0]?.Message ?? '',
        /Why\n {2}\S+: the SSM parameter \/dtm-exporter\/test\/key is not in region us-east-1/,
      );
      const status = await runningStack.store.get('status.json');
      assert.doesNotMatch(String(status && Buffer.from(status.body)), /dtm-exporter\/test|arn:|s3:\/\/|http/);
    },
  );

  await t.test('no mail and no line of the log has the key', async () => {
    const lines = await readLog(runningStack, 'notify');
    assert.ok(lines.length > 0);
    assert.ok(!lines.some((line) => line.includes('sample-key')));
  });
});
