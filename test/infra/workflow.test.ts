// The state machine's definition by itself; test/functions runs it with the real functions.
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

/** As CloudFormation and osls fill it in. */
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

test('the definition is valid, and the validator would say so if it were not', async () => {
  const good = validate(await definition());
  assert.ok(good.isValid, good.errorsText());
  const broken = await definition();
  broken.States.Plan.Next = 'Nowhere';
  assert.ok(!validate(broken).isValid);
});

test('it is JSONPath only, which is what local runners know', async () => {
  const text = JSON.stringify(await definition());
  assert.ok(!/QueryLanguage|"Arguments"|"Output"|\{%/.test(text));
});

test("every function's call is tried again after Lambda's own faults, with jitter, and after nothing else", async () => {
  const found = tasks(await definition());
  assert.deepEqual(
    found.map(([name]) => name),
    ['Plan', 'FetchUnit', 'Publish'],
  );
  for (const [name, { Retry }] of found) {
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

test('of a unit nothing stays in the state, and only what is wrong for all of them ends the run', async () => {
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
