// A wait ends with what came, or says what did not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from './wait-for.ts';

test('waitFor asks until an answer comes, and returns it', async () => {
  const answers = [null, false, 'here'];
  assert.equal(await waitFor('an answer', async () => answers.shift() ?? null, { interval: 1 }), 'here');
  assert.deepEqual(answers, []);
});

test('waitFor says what did not come, and passes an error of the question on', async () => {
  await assert.rejects(
    waitFor('a release', () => null, { interval: 1, limitSeconds: 0.05 }),
    /^TimeoutError: waited 0\.05 s in vain: a release$/,
  );
  const broken = () => assert.fail('no such table');
  await assert.rejects(waitFor('a table', broken), /no such table/);
});
