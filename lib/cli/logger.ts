// Prints the structured log of the API client as lines of text on stderr.
import { type Logger, type LogLine, SILENT } from '../dtm/logger.ts';
import { printable } from './printable.ts';
import type { Terminal } from './terminal.ts';

/** Logs every request if `verbose`, otherwise nothing: a failure is reported once, at the end of the command. */
export function terminalLogger({ note }: Pick<Terminal, 'note'>, { verbose }: { verbose: boolean }): Logger {
  if (!verbose) return SILENT;
  const line =
    (level: string): LogLine =>
    (event, fields) =>
      note(printable(`${level} ${event} ${formatFields(fields)}`.trimEnd()));
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}

const formatFields = (fields: Record<string, unknown>): string =>
  Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(' ');
