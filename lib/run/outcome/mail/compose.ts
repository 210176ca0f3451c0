// Composes the operator's mail about an ended run: what happened, why, and what to do, with the commands.
import { parseJson } from '../../../release/digest.ts';
import { reportKey } from '../../../release/layout.ts';
import type { Store } from '../../../store/store.ts';
import { type UnitReport, unitName } from '../../units/unit.ts';
import type { Outcome } from '../outcome.ts';
import { adviceFor, type NextInput } from './advice.ts';
import {
  consoleUrl,
  type EndedExecution,
  failureOf,
  inputOf,
  runOf,
  shellQuote,
  stackOf,
  startCommand,
} from './execution.ts';
import type { EndedGap, Gap, GapChanges } from './gaps.ts';

/** A plain text with its subject. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
}

/** The report of a run, as `finishRun` writes it. */
interface RunReport {
  readonly outcome: Pick<Outcome, 'reason'>;
  readonly finished_at: string;
  readonly units: readonly UnitReport[];
}

/** Units or countries that a mail lists with their reasons. */
const MAX_LISTED = 10;

/** SNS: a subject has less than 100 characters. */
const MAX_SUBJECT = 99;

/** Composes the mail about an ended execution. Null if it ended well and no country lost or regained its answer. */
export async function composeMail(
  store: Store,
  execution: EndedExecution,
  gaps: Pick<GapChanges, 'begun' | 'ended'>,
): Promise<Mail | null> {
  const isWell = execution.status === 'SUCCEEDED';
  const hasChanges = gaps.begun.length + gaps.ended.length > 0;
  if (isWell && !hasChanges) return null;
  const run = runOf(execution);
  const report = run === null ? null : await readReport(store, run, execution);
  const sections = [
    ...(isWell ? [] : failureSections(execution, run, report)),
    ...gapSections(gaps, report),
    ['Look closer', ...links(execution, run, store.location)],
  ];
  const [title = '', subject = ''] = isWell
    ? [`Run ${run} changed which countries answer.`, gapSubject(gaps)]
    : endTexts(execution, run);
  return {
    subject: asciiLine(`${stackOf(execution)}: ${subject}`).slice(0, MAX_SUBJECT),
    text: [title, ...sections.map(([heading, ...lines]) => [heading, ...lines.map(indent)].join('\n'))].join(
      '\n\n',
    ),
  };
}

/** The first sentence and the subject of a run that did not end well. */
function endTexts({ status, error, name }: EndedExecution, run: string | null): [string, string] {
  const subject = run === null ? `execution ${name}` : `run ${run}`;
  const [verb, sentence] =
    status === 'TIMED_OUT'
      ? ['timed out', 'took longer than its time limit and was ended']
      : status === 'ABORTED'
        ? ['was aborted', 'was stopped before its end']
        : error === 'Refused'
          ? ['was refused', 'has its answers, and decided not to publish them']
          : ['failed', 'could not go on'];
  return [
    `${subject[0]?.toUpperCase()}${subject.slice(1)} ${verb}: it ${sentence}. What was published stays as it is.`,
    `${subject} ${verb.replace('was ', '')}`,
  ];
}

function failureSections(
  execution: EndedExecution,
  run: string | null,
  report: RunReport | null,
): string[][] {
  const { name, message } = failureOf(execution);
  const isEnded = execution.status === 'TIMED_OUT' || execution.status === 'ABORTED';
  const isRefused = name === 'Refused';
  // The report has the whole reason, the execution only its first 4,000 characters.
  const reason = isRefused ? (report?.outcome.reason ?? message) : message;
  const advice = adviceFor(execution.status, { name, message: reason });
  const command = nextCommand(execution, run, advice.input);
  const why = isRefused || name === '' ? reason : `${name}: ${reason}`;
  return [
    ...(isEnded && !execution.error && !execution.cause ? [] : [['Why', why]]),
    ...unitSection(report),
    ['What to do', advice.text, ...(command === null ? [] : [command])],
  ];
}

/** The failed units of the run with their reasons. */
function unitSection(report: RunReport | null): string[][] {
  const failed = report?.units.filter(({ status }) => status === 'failed') ?? [];
  if (failed.length === 0) return [];
  return [
    [
      `Units without an answer: ${failed.length}`,
      ...failed.slice(0, MAX_LISTED).map((unit) => `${unitName(unit)}: ${unit.reason}`),
      ...more(failed.length),
    ],
  ];
}

const more = (count: number): string[] => (count > MAX_LISTED ? [`and ${count - MAX_LISTED} more`] : []);

/** The command that continues. Null if no run is known, or if another command could not help. */
function nextCommand(execution: EndedExecution, run: string | null, next: NextInput): string | null {
  if (next === null || (run === null && next !== 'new')) return null;
  if (next === 'new') return startCommand(execution, `'{"run":"'$(date -u +%FT%TZ)'"}'`);
  const accepted = next === 'accept' ? { accept_drop: true } : {};
  const input = { ...inputOf(execution), run, resume: true, ...accepted };
  return startCommand(execution, shellQuote(JSON.stringify(input)));
}

function gapSections(
  { begun, ended }: Pick<GapChanges, 'begun' | 'ended'>,
  report: RunReport | null,
): string[][] {
  const reasons = new Map(report?.units.map((unit) => [unitName(unit), unit.reason]));
  return [
    ...(begun.length === 0
      ? []
      : [
          [
            `Countries without an answer since this run: ${begun.length}`,
            ...begun.slice(0, MAX_LISTED).map((gap) => gapText(gap, reasons)),
            ...more(begun.length),
            'Nothing has to be done: earlier rows stand in where there are any, every run asks again, and another mail tells when a country answers.',
          ],
        ]),
    ...(ended.length === 0
      ? []
      : [[`Countries that answer again: ${ended.length}`, ...ended.map(endedText)]]),
  ];
}

/** `SDN (admin0, admin1), last answered 2026-11-20: DTMApiRequestError: ...`, with the reason of its first unit. */
function gapText({ country, units }: Gap, reasons: ReadonlyMap<string, string | null>): string {
  const levels = units.map(({ level }) => `admin${level}`).join(', ');
  const times = units.flatMap(({ answered_at }) => answered_at ?? []).sort();
  const answered =
    times.at(-1) === undefined ? 'never answered' : `last answered ${times.at(-1)?.slice(0, 10)}`;
  const [first] = units;
  const reason = first && (reasons.get(unitName(first)) ?? first.reason);
  return `${country} (${levels}), ${answered}: ${reason ?? 'no reason is known'}`;
}

const endedText = ({ country, since, isAsked }: EndedGap): string =>
  isAsked
    ? `${country}, without an answer since ${since.slice(0, 10)}`
    : `${country}, without an answer since ${since.slice(0, 10)}: it is not asked for any more`;

function gapSubject({ begun, ended }: Pick<GapChanges, 'begun' | 'ended'>): string {
  const names = (gaps: readonly { country: string }[]): string => {
    const shown = gaps.slice(0, 5).map(({ country }) => country);
    return `${shown.join(', ')}${gaps.length > shown.length ? ` and ${gaps.length - shown.length} more` : ''}`;
  };
  return [
    ...(begun.length > 0 ? [`no answer for ${names(begun)}`] : []),
    ...(ended.length > 0 ? [`an answer again for ${names(ended)}`] : []),
  ].join(', ');
}

/** Where the operator sees more. `location` is that of the store: `s3://BUCKET`. */
function links(execution: EndedExecution, run: string | null, location: string): string[] {
  const since = new Date(execution.startDate).toISOString().slice(0, 19);
  const filter = run === null ? '' : ` --filter-pattern ${shellQuote(`{ $.run = "${run}" }`)}`;
  const log = `aws logs tail --region ${execution.executionArn.split(':')[3]} --since ${since}Z${filter}`;
  return [
    `Execution: ${consoleUrl(execution)}`,
    `Log: for name in plan fetch publish; do ${log} /aws/lambda/${stackOf(execution)}-$name; done`,
    `Status: npx dtm-exporter status ${location}`,
    ...(run === null ? [] : [`Report: aws s3 cp ${location}/${reportKey(run)} -`]),
  ];
}

/** The report that this execution wrote; null if it wrote none. */
async function readReport(
  store: Store,
  run: string,
  { startDate }: EndedExecution,
): Promise<RunReport | null> {
  try {
    const found = await store.get(reportKey(run));
    const report = found && (parseJson(found.body) as RunReport);
    return report && Date.parse(report.finished_at) >= startDate ? report : null;
  } catch {
    // The bucket may be why the run failed. Then the mail has what the event says.
    return null;
  }
}

/** SNS: a subject is one line of printable characters. */
const asciiLine = (text: string): string => text.replaceAll(/[^ -~]+/g, '?');

const indent = (line: string): string => `  ${line}`;
