// What the operator does after a run that did not end well. docs/cli.md says the same at length.

/** The input that continues: `resume`, `accept` the loss, a `new` run, or none that could be given. */
export type NextInput = 'resume' | 'accept' | 'new' | null;

export interface Advice {
  readonly text: string;
  readonly input: NextInput;
}

type Rule = readonly [pattern: RegExp, text: string, input: NextInput];

/** By the beginning of the reason of a refusal. */
const REFUSALS: readonly Rule[] = [
  [
    /units failed, more than --max-failed/,
    'Wait until the API answers, then resume the run: only the missing units are asked. If you accept the gaps, deploy with a higher maxFailed first.',
    'resume',
  ],
  [
    /^no unit has brought a row/,
    'Resume the run when the API answers again. No option accepts an empty first release.',
    'resume',
  ],
  [
    /^against the recent releases/,
    'Check the named units. If the change is right, publish what was fetched. If it is wrong, do nothing: the next run asks again.',
    'accept',
  ],
  [/^other runs moved the pointer/, 'Resume the run when the others have finished.', 'resume'],
];

/** By the name of the error. */
const FAILURES: readonly Rule[] = [
  [/^EventError$/, 'Correct the input of the execution, and start it again.', null],
  [/^ConfigurationError$/, 'Correct what the reason names, then resume the run.', 'resume'],
  [
    /^(KeyRefusedError|DTMAuthenticationError)$/,
    'Put a valid key into the SSM parameter that the reason names, then resume the run.',
    'resume',
  ],
  [
    /^MixedSourceError$/,
    'Check the parameter apiUrl and what lies between this stack and the API, then start a new run.',
    'new',
  ],
  [
    /^(DamagedFileError|AuditError)$/,
    'See what is damaged with the command repair, which changes nothing without --apply. Then resume the run.',
    'resume',
  ],
  [/^DTM/, 'The API did not answer as it should. Resume the run when it does.', 'resume'],
  [
    /TooManyRequests|Throttl/,
    'The account has too little concurrency for Lambda: ask AWS for more, or resume when less runs beside it.',
    'resume',
  ],
  [
    /^(Runtime\.(ExitError|OutOfMemory)|Lambda\.Unknown|Sandbox\.Timedout)$/,
    'The function ended without an answer: out of memory or time? Raise memory or fetchMemory, deploy, and resume the run.',
    'resume',
  ],
];

const OTHERWISE: Advice = {
  text: 'Resume the run. What was answered is not asked again. If it ends in the same way, look at the log and report it.',
  input: 'resume',
};

/** What to do by the execution's status, the error's name and the reason. */
export function adviceFor(status: string, { name, message }: { name: string; message: string }): Advice {
  if (status === 'TIMED_OUT')
    return {
      text: 'Look for throttling by the API, then resume the run: what was answered is not asked again.',
      input: 'resume',
    };
  if (status === 'ABORTED')
    return {
      text: 'Somebody stopped it. To go on, resume the run: what was answered is not asked again.',
      input: 'resume',
    };
  const found =
    name === 'Refused'
      ? REFUSALS.find(([pattern]) => pattern.test(message))
      : FAILURES.find(([pattern]) => pattern.test(name));
  return found ? { text: found[1], input: found[2] } : OTHERWISE;
}
