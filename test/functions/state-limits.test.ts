// What the state machine carries when all goes wrong at once, and what ends a run for every unit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findPlan } from '../../lib/run/start.ts';
import { readReports } from '../../lib/run/units/unit-reports.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { type Cloud, execute, PARAMETER, startCloud } from './start-cloud.ts';

const RUN = '2026-11-24T05:00:00Z';
const ID = '2026-11-24T05-00-00Z';
/** Step Functions: bytes that a state's input or output has at most. */
const LIMIT = 256 * 1024;
const UNITS = 159;
const LONG = 'x'.repeat(250);

const reasonsOf = async ({ folder }: Cloud): Promise<string[]> => {
  const store = folderStore(folder);
  const reports = await readReports({ store } as never, await findPlan(store, ID));
  return reports.map(({ status, reason }) => `${status} ${reason}`);
};

test('all units fail with long reasons: the state stays small, and the reasons are in the reports', async (t) => {
  const faults = ['admin0', 'admin1', 'admin2'].map((level) => `refused=${LONG}@${level}`);
  const there = await startCloud(t, { apiOptions: { faults } });
  const { failure, largest } = await execute(there, { run: RUN, accept_drop: true });
  assert.equal(failure?.name, 'Refused');
  assert.match(failure?.cause ?? '', /159 of 159 units failed, more than --max-failed 10 percent/);
  const reasons = await reasonsOf(there);
  assert.equal(reasons.length, UNITS);
  assert.ok(
    reasons.every((reason) => reason.startsWith('failed DTMApiResponseError') && reason.includes(LONG)),
  );
  t.diagnostic(`largest state of ${UNITS} failed units: ${largest} bytes`);
  assert.ok(largest > 4_000 && largest < LIMIT / 8, `${largest} bytes`);
});

test('all functions die with long words: the state stays small, and every unit has failed', async (t) => {
  const there = await startCloud(t);
  const words = 'a stack trace '.repeat(2000);
  const dying: Cloud['call'] = async (name, event) => {
    if (name === 'fetch') throw Object.assign(new Error(words), { name: 'Runtime.ExitError' });
    return there.call(name, event);
  };
  const { failure, largest } = await execute({ call: dying }, { run: RUN });
  assert.equal(failure?.name, 'Refused');
  assert.deepEqual(new Set(await reasonsOf(there)).size, 1);
  // One unit's own state holds its error until that is reduced to its name.
  t.diagnostic(`largest state of ${UNITS} dead functions: ${largest} bytes`);
  assert.ok(largest < LIMIT / 4, `${largest} bytes`);
});

test('a key that is refused ends the run by its name, and so does one that is refused half-way', async (t) => {
  const there = await startCloud(t);
  there.aws.parameters.set(PARAMETER, 'another-key-0123456789');
  const early = await execute(there, { run: RUN, countries: ['TCD'], levels: [1] });
  assert.equal(early.failure?.name, 'KeyRefusedError');
  there.aws.parameters.set(PARAMETER, 'key-in-the-parameter-0123456789');
  there.api.setFaults(['401@admin1/TCD']);
  const late = await execute(there, { run: RUN, countries: ['TCD'], levels: [1] });
  assert.equal(late.failure?.name, 'KeyRefusedError');
  assert.match(
    late.failure?.cause ?? '',
    /admin1 TCD: the API refused the key .* into the SSM parameter \/dtm\/key/,
  );
  const said = there.lines.filter(({ error_name }) => error_name === 'KeyRefusedError');
  assert.deepEqual(
    said.map(({ function_name, country }) => [function_name, country]),
    [
      ['plan', undefined],
      ['fetch', 'TCD'],
    ],
  );
});

test('a setting that goes missing half-way ends the run by its name', async (t) => {
  const there = await startCloud(t);
  const losing: Cloud['call'] = (name, event) => {
    if (name === 'fetch') there.restart({ DTM_KEY_PARAMETER: ' ' });
    return there.call(name, event);
  };
  const { failure } = await execute({ call: losing }, { run: RUN, countries: ['TCD'], levels: [1] });
  assert.deepEqual(failure, { name: 'ConfigurationError', cause: 'DTM_KEY_PARAMETER is missing' });
});
