// What the API says reaches a terminal as text in its line: it begins no line of its own, and moves no cursor.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type CommandResult, runInThisProcess, temporaryFolder } from '../setting.ts';
import { type Answers, envelope, listsOf, ROW, serveAnswers } from './api.ts';

const FORGED = 'dtm-exporter: all is well';
/** Colours, a cleared screen, a title, a bell and a backspace; then a line of its own, by every line end. */
const EVIL = `\u009B2J\u2028\u007F\u0085\u001B[31m\u001B[2J\u001B]0;x\u0007\u0008\u0000\n${FORGED}\r\n${FORGED}\r${FORGED}`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
const CONTROLS = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028\u2029]/;

function assertClean(text: string): void {
  assert.equal(CONTROLS.exec(text), null, JSON.stringify(text));
  for (const line of text.split('\n')) assert.ok(!line.startsWith(FORGED), JSON.stringify(text));
}

const lists = listsOf(1);

async function run(
  t: TestContext,
  answers: Answers,
  more: readonly string[] = [],
): Promise<CommandResult & { folder: string }> {
  const { url } = await serveAnswers(t, answers);
  const folder = await temporaryFolder(t);
  const options = [
    '--to',
    folder,
    '--levels',
    '2',
    '--max-failed',
    '100',
    '--max-retries',
    '1',
    '--retry-delay',
    '0.001',
  ];
  const env = { DTMAPI_URL: url, DTMAPI_SUBSCRIPTION_KEY: 'sample-key' };
  return { ...(await runInThisProcess(['export', ...options, ...more], { env })), folder };
}

const REFUSAL = envelope([], { statusCode: 400, isSuccess: false, errorMessages: [EVIL] });
const rows = (changes: object): string => envelope([{ ...ROW, ...changes }]);

/** Answers of a unit that make a run speak of what is in them. */
const UNITS: Readonly<Record<string, string>> = {
  'a refusal': REFUSAL,
  'an empty answer': envelope([], { statusCode: 204, errorMessages: [EVIL] }),
  'a figure that is text': rows({ numPresentIdpInd: EVIL }),
  'a date that is none': rows({ reportingDate: EVIL }),
  "another country's code": rows({ admin0Pcode: EVIL }),
  'a field that nobody knows': rows({ [EVIL]: 1 }),
  'an operation that is not listed': rows({ operation: EVIL }),
};

const ANSWERED = ['an empty answer', 'a field that nobody knows', 'an operation that is not listed'];

for (const [what, body] of Object.entries(UNITS)) {
  test(`${what} is text in its line`, async (t) => {
    const { stdout, stderr } = await run(t, (endpoint) => lists[endpoint] ?? body, ['--verbose', '--json']);
    assertClean(stderr);
    assert.equal(stdout.trimEnd().split('\n').length, 1);
    // A first release is never empty where an answer is missing.
    assert.equal(JSON.parse(stdout).outcome, ANSWERED.includes(what) ? 'published' : 'refused');
  });
}

test('a gateway that says something with its error says it in the line', async (t) => {
  const body = JSON.stringify({ statusCode: 500, message: EVIL });
  const { stderr } = await run(t, (endpoint) => lists[endpoint] ?? { body, status: 500 }, ['--verbose']);
  assertClean(stderr);
});

test('a list that is refused, or names no country, ends the run in one line', async (t) => {
  const bad = envelope([{ admin0Name: 'Newland', admin0Pcode: EVIL }]);
  for (const body of [REFUSAL, bad]) {
    const ran = await run(t, () => body);
    assert.equal(ran.exit, 1);
    assert.equal(ran.stderr.trimEnd().split('\n').length, 1, ran.stderr);
    assertClean(ran.stderr);
  }
});

test('status names operations and failures in their lines', async (t) => {
  const { folder } = await run(
    t,
    (endpoint) => lists[endpoint] ?? rows({ operation: EVIL, assessmentType: EVIL }),
  );
  const { stdout, exit } = await runInThisProcess(['status', folder]);
  assert.equal(exit, 0);
  assertClean(stdout);
});
