// The client's structured lines in a function's log. `level` is the log's own word, so the administrative level has another.
import type { Logger as FunctionLogger } from '@aws-lambda-powertools/logger';
import type { Logger, LogLine } from '../dtm/logger.ts';

/** Writes what the API's client does to a function's log. */
export function createClientLogger(logger: FunctionLogger): Logger {
  const line =
    (severity: keyof Logger): LogLine =>
    (event, { level, message, ...fields }) =>
      logger[severity](event, { ...fields, admin_level: level, said: message });
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}
