// The definition of the state machine alone. test/functions runs it with the real functions.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { UnknownOutcomeError } from '../../lib/catalogue/pointer.ts';
import { DTMApiVersionError, ValidationError } from '../../lib/dtm/errors.ts';
import { ConfigurationError } from '../../lib/environment/configuration.ts';
import { DamagedFileError } from '../../lib/release/manifest.ts';
import { KeyRefusedError } from '../../lib/run/api-client.ts';
import { OutageError } from '../../lib/run/checks/outage.ts';
import { MixedSourceError } from '../../lib/run/units/source.ts';
import { StoreConflictError, StoreError } from '../../lib/store/store.ts';
import { ROOT } from '../setting.ts';
import type { Json } from './compile-template.ts';

const require = createRequire(import.meta.url);
const { load } = require('js-yaml') as { load: (text: string) => unknown };
const validate = require('asl-validator') as (definition: Json) => { isValid: boolean; errorsText(): string };

/** The definition with the values that CloudFormation and osls fill in. */
async function definition(): Promise<Json> {
  const text = await readFile(join(ROOT, 'infra/workflow.asl.yml'), 'utf8');
  const filled = text.replaceAll(
    /\$\{(\w+)Arn\}/g,
    (_, name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
  );
  return load(filled.replaceAll(/\$\{Concurrency\}/g, '4'));
}

const tasks = ({ States }: Json): [string, Json][] =>
  Object.entries<Json>(States).flatMap(([name, state]) =>
    state.Type === 'Map' ? tasks(state.ItemProcessor) : state.Type === 'Task' ? [[name, state]] : [],
  );

test('asl-validator accepts the definition and rejects a broken one', async () => {
  const good = validate(await definition());
  assert.ok(good.isValid, good.errorsText());
  const broken = await definition();
  broken.States.Plan.Next = 'Nowhere';
  assert.ok(!validate(broken).isValid);
});

test('the definition uses JSONPath only, because local interpreters know nothing else', async () => {
  const text = JSON.stringify(await definition());
  assert.ok(!/QueryLanguage|"Arguments"|"Output"|\{%/.test(text));
});

const names = ({ ErrorEquals }: Json): string[] => ErrorEquals;

test('errors that only a person can remove are never retried, and errors of Lambda always, with jitter', async () => {
  const taskStates = tasks(await definition());
  assert.deepEqual(
    taskStates.map(([name]) => name),
    ['Plan', 'FetchUnit', 'Publish', 'RecordFailure'],
  );
  const permanent = [
    ...[ConfigurationError, ValidationError, DTMApiVersionError],
    ...[KeyRefusedError, MixedSourceError, DamagedFileError],
  ];
  for (const [name, { Retry }] of taskStates) {
    const ofLambda = Retry.filter((retrier: Json) =>
      names(retrier).every((error) => /^Lambda\.\w+Exception$/.test(error)),
    );
    assert.deepEqual(
      ofLambda.flatMap(names),
      [
        ...['Lambda.TooManyRequestsException', 'Lambda.ClientExecutionTimeoutException'],
        ...['Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException'],
      ],
      name,
    );
    assert.ok(
      ofLambda.every(({ JitterStrategy }: Json) => JitterStrategy === 'FULL'),
      name,
    );
    if (name === 'RecordFailure') continue;
    assert.equal(Retry[0].MaxAttempts, 0, name);
    for (const error of permanent) assert.ok(names(Retry[0]).includes(error.name), `${name}: ${error.name}`);
    assert.ok(names(Retry[0]).includes('EventError'), name);
  }
});

test('Plan waits 10, 20 and 40 minutes for an API that is down; units and Publish are tried twice more', async () => {
  const [plan, unit, publish] = tasks(await definition()).map(([, { Retry }]) => Retry.at(-1));
  assert.deepEqual(plan, {
    ErrorEquals: ['States.ALL'],
    IntervalSeconds: 600,
    BackoffRate: 2,
    MaxAttempts: 3,
  });
  for (const retrier of [unit, publish]) {
    assert.equal(retrier.MaxAttempts, 2);
    assert.deepEqual(names(retrier), [
      ...['Lambda.Unknown', 'Sandbox.Timedout', 'Runtime.ExitError'],
      ...[StoreError.name, StoreConflictError.name, UnknownOutcomeError.name, 'EarlyTimeoutError'],
    ]);
  }
});

test('no result of a unit stays in the state, and only errors of all units end the run', async () => {
  const { Fetch } = (await definition()).States;
  assert.deepEqual(Fetch.ResultSelector, { 'units.$': 'States.ArrayLength($)' });
  const { FetchUnit, UnitFailed, Misconfigured, Outage } = Fetch.ItemProcessor.States;
  const [wrong, outage, any] = FetchUnit.Catch;
  assert.deepEqual(wrong.ErrorEquals, [ConfigurationError.name, KeyRefusedError.name, MixedSourceError.name]);
  assert.deepEqual([wrong.Next, Misconfigured.Type], ['Misconfigured', 'Fail']);
  assert.deepEqual([outage.ErrorEquals, Outage.Type], [[OutageError.name], 'Fail']);
  assert.deepEqual(
    Fetch.Catch.map(({ ErrorEquals, Next }: Json) => [ErrorEquals, Next]),
    [
      [[OutageError.name], 'Publish'],
      [['States.ALL'], 'RecordFailure'],
    ],
  );
  assert.deepEqual([any.ErrorEquals, any.Next], [['States.ALL'], 'UnitFailed']);
  assert.deepEqual(Object.keys(UnitFailed.Parameters), ['level.$', 'country.$', 'error.$']);
});
