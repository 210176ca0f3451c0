// The report of a run: the JSON document, and a summary for people.
import { describeCommit, describeVersions, type Machine } from './machine.ts';
import type { Result } from './measure.ts';
import type { Options } from './options.ts';
import { linesOf } from './rows/rows.ts';
import type { Cost } from './run-process.ts';
import { spread } from './statistics.ts';

export type Report = Awaited<ReturnType<typeof reportOf>>;

/** Composes the JSON report: measurements with median and spread, inputs, versions, commit and machine. */
export async function reportOf({ runs, scale, rows }: Options, machine: Machine, result: Result) {
  const { measured, inputs, python, missing } = result;
  const takes = Object.entries(measured.takes).map(([take, costs]) => [take, spreads(costs)] as const);
  return {
    at: new Date().toISOString(),
    commit: await describeCommit(),
    machine,
    versions: await describeVersions(python),
    runs,
    scale,
    lines: linesOf(rows, measured, missing),
    missing,
    inputs: { ...inputs, rows: measured.rows ?? null, answers: Object.fromEntries(inputs.answers) },
    measured: { ...measured, takes: Object.fromEntries(takes) },
  };
}

const spreads = (costs: readonly Cost[]) => ({
  wall: spread(costs.map(({ wall }) => wall)),
  cpu: spread(costs.map(({ cpu }) => cpu)),
  rss: spread(costs.map(({ rss }) => rss)),
});

/** Three lines about inputs, machine and versions. */
export function summaryText({ runs, scale, inputs, machine, versions, commit }: Report): string {
  const answers = Object.keys(inputs.answers).length;
  const rows = inputs.rows === null ? '' : `${inputs.rows.toLocaleString('en')} rows in `;
  const megabytes = (inputs.bytes / 1e6).toFixed(1);
  const scaleNote = scale === 1 ? '' : ` The targets are for scale 1, not ${scale}.`;
  const versionTexts = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${rows}${answers} answers of ${megabytes} MB of JSON (SHA-256 ${inputs.sha256.slice(0, 12)}); medians of ${runs} rounds.${scaleNote}`,
    `${machine.cpu}, ${machine.cores} cores, ${machine.memory_gb} GB, ${machine.system}, load average ${machine.load_average[0]} at the start.`,
    `${versionTexts.join(', ')}; commit ${commit ?? 'unknown'}.`,
  ].join('\n');
}
