// The definition of the state machine alone. test/functions runs it with the real functions.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigurationError } from '../../lib/environment/configuration.ts';
import { KeyRefusedError } from '../../lib/run/api-client.ts';
import { OutageError } from '../../lib/run/checks/outage.ts';
import { MixedSourceError } from '../../lib/run/units/source.ts';
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

test('every task is retried with jitter after errors of Lambda itself, and after no others', async () => {
  const taskStates = tasks(await definition());
  assert.deepEqual(
    taskStates.map(([name]) => name),
    ['Plan', 'FetchUnit', 'Publish'],
  );
  for (const [name, { Retry }] of taskStates) {
    const errors = Retry.flatMap(({ ErrorEquals }: Json) => ErrorEquals);
    assert.ok(
      errors.every((error: string) => /^Lambda\.\w+Exception$/.test(error)),
      name,
    );
    assert.ok(errors.includes('Lambda.TooManyRequestsException'), name);
    assert.ok(
      Retry.every(({ JitterStrategy }: Json) => JitterStrategy === 'FULL'),
      name,
    );
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
    [[[OutageError.name], 'Publish']],
  );
  assert.deepEqual([any.ErrorEquals, any.Next], [['States.ALL'], 'UnitFailed']);
  assert.deepEqual(Object.keys(UnitFailed.Parameters), ['level.$', 'country.$', 'error.$']);
});
