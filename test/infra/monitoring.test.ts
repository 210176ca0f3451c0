// The compiled template: environment of the functions, schedule, events, alarms, dashboard and log groups.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { METRICS, NAMESPACE } from '../../lib/aws/metrics.ts';
import { readLambdaEnvironment } from '../../lib/environment/configuration.ts';
import { ROOT } from '../setting.ts';
import { compile, type Json, ofType, type Template, textOf } from './compile-template.ts';

const { load } = createRequire(import.meta.url)('js-yaml') as { load: (text: string) => unknown };

/** AWS's own metrics that alarms use, with their only dimension. */
const AWS_METRICS: Readonly<Record<string, string>> = {
  'AWS/SQS ApproximateNumberOfMessagesVisible': 'QueueName',
  'AWS/Lambda Duration': 'FunctionName',
  'AWS/Lambda Throttles': 'FunctionName',
};

let folder: string;
let template: Template;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dtm-infra-'));
  template = await compile(folder, {
    ...{ concurrency: '8', reserveConcurrency: 'on' },
    ...{ alarmDays: '7', contact: 'ops@example.org' },
  });
});
after(() => rm(folder, { recursive: true, force: true }));

const properties = (name: string): Json => template.Resources[name]?.Properties;
const alarms = () => ofType(template, 'AWS::CloudWatch::Alarm');

/** The environment of a function. A value that only AWS knows becomes a text like an ARN. */
function environmentOf(name: string): Record<string, string> {
  const variables = properties(`${name}LambdaFunction`).Environment.Variables;
  const asText = (value: Json): string => (typeof value === 'object' ? `arn:aws:${textOf(value)}` : value);
  return Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, asText(value)]));
}

test('every alarm uses an existing metric with its dimension, and tells its begin and its end', () => {
  const service = environmentOf('Publish').POWERTOOLS_SERVICE_NAME;
  assert.equal(service, 'dtm-exporter-test');
  for (const [name, { Properties: alarm }] of alarms()) {
    assert.deepEqual(alarm.AlarmActions, [{ Ref: 'Alarms' }], name);
    assert.deepEqual(alarm.OKActions, [{ Ref: 'Alarms' }], name);
    const [{ Name, Value }, ...more] = alarm.Dimensions;
    assert.deepEqual(more, [], name);
    if (alarm.Namespace === NAMESPACE) {
      assert.ok(Object.hasOwn(METRICS, alarm.MetricName), `${name}: ${alarm.MetricName}`);
      assert.deepEqual([Name, Value], ['service', service], name);
    } else {
      assert.equal(Name, AWS_METRICS[`${alarm.Namespace} ${alarm.MetricName}`], name);
      const [, of = ''] = /^<(\w+)/.exec(textOf(Value)) ?? [];
      assert.ok(template.Resources[of], `${name}: ${of}`);
    }
  }
});

/** Alarms of a run's metrics and of queues. Between two runs, and in a quiet queue, they stay as they are. */
const LASTING = ['AnswersOld', 'RefusedRefreshes', 'SchemaDrift', 'Undelivered', 'UnfinishedSteps'];

test('only the expected alarms exist, and those of runs and queues stay as they are without data', () => {
  const names = alarms().map(
    ([
      ,
      {
        Properties: { AlarmName },
      },
    ]) => AlarmName.replace('dtm-exporter-test-', ''),
  );
  assert.deepEqual(names.sort(), [
    ...[
      'answers-old',
      'dead-letters',
      'fetch-throttled',
      'no-successful-check',
      'plan-throttled',
      'publish-slow',
    ],
    ...['publish-throttled', 'refresh-throttled', 'refused-refreshes', 'repoint-throttled', 'schema-drift'],
    'unfinished-steps',
  ]);
  for (const [name, { Properties: alarm }] of alarms()) {
    const isCheck = name === 'NoSuccessfulCheck';
    const treatment = isCheck ? 'missing' : LASTING.includes(name) ? 'ignore' : 'notBreaching';
    assert.equal(alarm.TreatMissingData, treatment, name);
    assert.equal(alarm.ComparisonOperator, isCheck ? 'LessThanThreshold' : 'GreaterThanThreshold', name);
  }
});

test('the alarm no-successful-check covers alarmDays, here the maximum of seven days', () => {
  const { MetricName, Period, EvaluationPeriods, Threshold, Statistic } = properties('NoSuccessfulCheck');
  assert.deepEqual([MetricName, Statistic, Threshold], ['SuccessfulChecks', 'Sum', 1]);
  assert.equal(Period * Number(EvaluationPeriods), 7 * 24 * 60 * 60);
});

test('a schedule that dies is told by the change to missing data, which a new stack does not make', () => {
  const alarm = properties('NoSuccessfulCheck');
  assert.deepEqual([alarm.TreatMissingData, alarm.InsufficientDataActions], ['missing', [{ Ref: 'Alarms' }]]);
});

for (const parameters of [{ scheduleState: 'DISABLED' }, { alarmDays: '0' }])
  test(`with ${JSON.stringify(parameters)} there is no alarm no-successful-check`, async () => {
    const other = await compile(join(folder, Object.values(parameters).join()), parameters);
    assert.equal(other.Resources.NoSuccessfulCheck, undefined);
    assert.equal(other.Resources.Schedule?.Properties.State, parameters.scheduleState ?? 'ENABLED');
  });

test('the end of every execution of this state machine is told to notify, with dead letters', () => {
  const { EventBusName, EventPattern, Targets } = properties('RunEnded');
  assert.equal(EventBusName, undefined, 'AWS reports to the default bus');
  assert.deepEqual(EventPattern, {
    source: ['aws.states'],
    'detail-type': ['Step Functions Execution Status Change'],
    detail: {
      stateMachineArn: [{ Ref: 'Workflow' }],
      status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'],
    },
  });
  const [{ Arn, DeadLetterConfig, RetryPolicy }, ...others] = Targets;
  assert.deepEqual(
    [textOf(Arn), textOf(DeadLetterConfig.Arn), others],
    ['<NotifyLambdaFunction.Arn>', '<DeadLetters.Arn>', []],
  );
  assert.ok(RetryPolicy.MaximumRetryAttempts > 0);
  assert.equal(
    textOf(properties('NotifyFailures').DestinationConfig.OnFailure.Destination),
    '<DeadLetters.Arn>',
  );
  const { QueuesPolicy } = template.Resources;
  assert.match(JSON.stringify(QueuesPolicy), /"RunEnded","Arn"/);
});

test('the alarm publish-slow fires at 70 % of the time limit', () => {
  const { Timeout } = properties('PublishLambdaFunction');
  assert.equal(properties('PublishSlow').Threshold, 0.7 * Timeout * 1000);
});

test('the dashboard uses existing metrics only', () => {
  const body = JSON.parse(textOf(properties('Dashboard').DashboardBody));
  let namespace = '';
  for (const [first, name] of body.widgets.flatMap((widget: Json) => widget.properties.metrics)) {
    if (first === '...') continue;
    namespace = first === '.' ? namespace : first;
    const exists =
      namespace === NAMESPACE ? Object.hasOwn(METRICS, name) : AWS_METRICS[`${namespace} ${name}`];
    assert.ok(exists, `${namespace} ${name}`);
  }
});

test('every function and the state machine has a declared log group that keeps 30 days', () => {
  const groups = ofType(template, 'AWS::Logs::LogGroup').map(([, group]) => group.Properties);
  for (const { LogGroupName, RetentionInDays } of groups) assert.equal(RetentionInDays, 30, LogGroupName);
  const names = groups.map(({ LogGroupName }) => LogGroupName);
  for (const [, { Properties: lambda }] of ofType(template, 'AWS::Lambda::Function'))
    assert.ok(names.includes(`/aws/lambda/${lambda.FunctionName}`), lambda.FunctionName);
  const [{ CloudWatchLogsLogGroup: destination }] = properties('Workflow').LoggingConfiguration.Destinations;
  assert.equal(textOf(destination.LogGroupArn), '<WorkflowLogGroup.Arn>');
  assert.equal(names.length, 7);
});

test('every function has all variables that it needs, and none that the configuration ignores', async () => {
  const environment = (name: string, needed: Parameters<typeof readLambdaEnvironment>[0]) =>
    readLambdaEnvironment(needed, environmentOf(name));
  assert.equal(environment('Plan', ['destination', 'keyParameter']).keyParameter, '/dtm-exporter/test/key');
  assert.equal(environment('Fetch', ['destination', 'keyParameter']).apiVersion, 'v3');
  const { topicArn, eventBus, maxFailed, terms } = environment('Publish', ['destination']);
  assert.deepEqual([topicArn, eventBus], ['arn:aws:<Releases>', 'arn:aws:<Bus>']);
  assert.deepEqual([maxFailed, terms.visibility, terms.contact], [10, 'private', 'ops@example.org']);
  assert.equal(environment('Refresh', ['stateMachine']).stateMachine, 'arn:aws:<Workflow>');
  assert.equal(environment('Repoint', ['destination', 'glueDatabase']).glueDatabase, 'arn:aws:<Catalogue>');
  assert.equal(environment('Notify', ['destination', 'alarmTopic']).alarmTopic, 'arn:aws:<Alarms>');
  const source = await readFile(join(ROOT, 'lib/environment/configuration.ts'), 'utf8');
  for (const name of ['Plan', 'Fetch', 'Publish', 'Refresh', 'Repoint', 'Notify'])
    for (const variable of Object.keys(environmentOf(name)).filter((one) => one.startsWith('DTM')))
      assert.ok(source.includes(`'${variable}'`), `${name}: ${variable}`);
});

test('the compiled definition is the written one with a number as MaxConcurrency', async () => {
  const text = await readFile(join(ROOT, 'infra/workflow.asl.yml'), 'utf8');
  const written = load(text.replace(/\$\{Concurrency\}(?=\n)/, '8'));
  assert.deepEqual(properties('Workflow').Definition, written);
});

test('fetch reserves one more than MaxConcurrency of the state machine; both are numbers', () => {
  assert.strictEqual(properties('Workflow').Definition.States.Fetch.MaxConcurrency, 8);
  assert.strictEqual(properties('FetchLambdaFunction').ReservedConcurrentExecutions, 9);
});

test('the schedule passes the scheduled time as run, retries, and has a dead-letter queue', () => {
  const { Target, ScheduleExpression, ScheduleExpressionTimezone, FlexibleTimeWindow } =
    properties('Schedule');
  assert.deepEqual(JSON.parse(Target.Input), { run: '<aws.scheduler.scheduled-time>' });
  assert.deepEqual([ScheduleExpression, ScheduleExpressionTimezone], ['cron(0 5 * * ? *)', 'UTC']);
  assert.deepEqual(FlexibleTimeWindow, { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 });
  assert.equal(textOf(Target.Arn), '<Workflow>');
  assert.equal(textOf(Target.DeadLetterConfig.Arn), '<DeadLetters.Arn>');
  assert.ok(Target.RetryPolicy.MaximumRetryAttempts > 0);
});

test('the bus sends refresh requests to the queue and releases to repoint, with dead letters', () => {
  const ours = ofType(template, 'AWS::Events::Rule').filter(([, { Properties }]) => Properties.EventBusName);
  const rules = ours.map(([, { Properties: rule }]) => ({
    bus: textOf(rule.EventBusName),
    types: rule.EventPattern['detail-type'],
    to: rule.Targets.map(({ Arn }: Json) => textOf(Arn)),
    dead: rule.Targets.map(({ DeadLetterConfig }: Json) => textOf(DeadLetterConfig.Arn)),
  }));
  const dead = ['<DeadLetters.Arn>'];
  assert.deepEqual(rules, [
    {
      bus: '<Bus>',
      types: ['dtm.release.published', 'dtm.release.withdrawn'],
      to: ['<RepointLambdaFunction.Arn>'],
      dead,
    },
    { bus: '<Bus>', types: ['dtm.refresh.requested'], to: ['<RefreshQueue.Arn>'], dead },
  ]);
  assert.deepEqual(properties('RefreshSource').FunctionResponseTypes, ['ReportBatchItemFailures']);
  assert.equal(
    textOf(properties('RefreshQueue').RedrivePolicy.deadLetterTargetArn),
    '<RefreshDeadLetters.Arn>',
  );
  assert.equal(properties('RefreshQueue').RedrivePolicy.maxReceiveCount, 5);
  assert.deepEqual(properties('RefreshSource').ScalingConfig, { MaximumConcurrency: 2 });
  assert.ok(properties('RefreshQueue').VisibilityTimeout >= 6 * properties('RefreshLambdaFunction').Timeout);
});

test('the outputs of the stack name bucket, topic, bus, state machine and database', () => {
  const outputs = Object.keys(template.Outputs).filter((name) => name !== 'ServerlessDeploymentBucketName');
  assert.deepEqual(outputs, ['BucketName', 'TopicArn', 'EventBusName', 'StateMachineArn', 'DatabaseName']);
});
