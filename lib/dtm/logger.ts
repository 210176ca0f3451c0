/** Writes one structured line: an event's name and its facts (endpoint, level, country, attempt, status, bytes, seconds, wait). */
export type LogLine = (event: string, fields: Record<string, unknown>) => void;

/** Where the client tells what it does; the key never gets here. */
export interface Logger {
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
}

const nothing: LogLine = () => {};

/** The default: says nothing. */
export const SILENT: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
