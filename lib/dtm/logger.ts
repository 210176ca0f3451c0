/** Writes one structured line: an event and its fields (endpoint, level, country, attempt, status, bytes, seconds, wait). */
export type LogLine = (event: string, fields: Record<string, unknown>) => void;

/** Receives the log lines of a client. It never receives a key. */
export interface Logger {
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
}

const ignoreLine: LogLine = () => {};

/** The default logger. It writes nothing. */
export const SILENT: Logger = { debug: ignoreLine, info: ignoreLine, warn: ignoreLine, error: ignoreLine };
