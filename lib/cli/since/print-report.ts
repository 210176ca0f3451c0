// How `diff` and `history` answer: in words, as JSON, or as rows.
import type { Command } from 'commander';
import { ConfigurationError } from '../../environment/configuration.ts';
import { DownloadError } from '../../read/find-release.ts';
import type { Terminal } from '../terminal.ts';
import { openRowsOutput, type RowsOutput } from './rows-output.ts';

export interface ReportFlags {
  readonly json: boolean;
  readonly csv?: string;
}

/** A report for `--json`, and the same in words. */
export interface Report {
  readonly report: unknown;
  readonly text: () => string;
}

/**
 * Prints what `work` reports, after its rows were written where `--csv` says.
 * @throws {ConfigurationError} if a release cannot be had or the file cannot be written; what `work` throws
 */
export async function printReport(
  command: Command,
  terminal: Terminal,
  flags: ReportFlags,
  work: (rows: RowsOutput) => Promise<Report>,
): Promise<void> {
  if (flags.json && flags.csv === '-')
    command.error('error: expected --json or --csv -, got both; stdout holds one of them, so name a file');
  const rows = await openRowsOutput(flags.csv ?? null, terminal.result);
  try {
    const { report, text } = await work(rows);
    await rows.finish();
    if (flags.json) terminal.result(JSON.stringify(report));
    else if (flags.csv !== '-') terminal.result(text());
  } catch (error) {
    throw error instanceof DownloadError ? new ConfigurationError(error.message, { cause: error }) : error;
  } finally {
    await rows.drop();
  }
}
