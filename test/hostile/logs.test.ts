// Texts of the API are escaped before they reach a terminal: they must not start a new line or move the cursor.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type CommandResult, runInThisProcess, temporaryFolder } from '../setting.ts';
import { type Answers, envelope, listsOf, ROW, serveAnswers } from './api.ts';

const FORGED = 'dtm-exporter: all is well';
/** Control characters (colours, clear screen, title, bell, backspace), then a forged line after every kind of line end. */
const EVIL = `\u009B2J\u2028\u007F\u0085\u001B[31m\u001B[2J\u001B]0;x\u0007\u0008\u0000\n${FORGED}\r\n${FORGED}\r${FORGED}`;

// biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for them.
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

/** Answers whose texts appear in the log or in the result of a run. */
const UNITS: Readonly<Record<string, string>> = {
  'a refusal': REFUSAL,
  'an empty answer': envelope([], { statusCode: 204, errorMessages: [EVIL] }),
  'a count': rows({ numPresentIdpInd: EVIL }),
  'a date': rows({ reportingDate: EVIL }),
  'a country code': rows({ admin0Pcode: EVIL }),
  'an unknown field': rows({ [EVIL]: 1 }),
  'an unlisted operation': rows({ operation: EVIL }),
};

const ANSWERED = ['an empty answer', 'an unknown field', 'an unlisted operation'];

for (const [what, body] of Object.entries(UNITS)) {
  test(`control characters in ${what} do not reach the terminal`, async (t) => {
    const { stdout, stderr } = await run(t, (endpoint) => lists[endpoint] ?? body, ['--verbose', '--json']);
    assertClean(stderr);
    assert.equal(stdout.trimEnd().split('\n').length, 1);
    // Without a valid answer, a first release would be empty, so it is refused.
    assert.equal(JSON.parse(stdout).outcome, ANSWERED.includes(what) ? 'published' : 'refused');
  });
}

test('control characters in an error of the gateway do not reach the terminal', async (t) => {
  const body = JSON.stringify({ statusCode: 500, message: EVIL });
  const { stderr } = await run(t, (endpoint) => lists[endpoint] ?? { body, status: 500 }, ['--verbose']);
  assertClean(stderr);
});

test('a refused or invalid list ends the run with one line without control characters', async (t) => {
  const bad = envelope([{ admin0Name: 'Newland', admin0Pcode: EVIL }]);
  for (const body of [REFUSAL, bad]) {
    const result = await run(t, () => body);
    assert.equal(result.exit, 1);
    assert.equal(result.stderr.trimEnd().split('\n').length, 1, result.stderr);
    assertClean(result.stderr);
  }
});

test('control characters in operations do not reach the output of status', async (t) => {
  const { folder } = await run(
    t,
    (endpoint) => lists[endpoint] ?? rows({ operation: EVIL, assessmentType: EVIL }),
  );
  const { stdout, exit } = await runInThisProcess(['status', folder]);
  assert.equal(exit, 0);
  assertClean(stdout);
});
