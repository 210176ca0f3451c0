// Writes the structured log lines of the API client to a function's log. `level` is the severity there, so the admin
// level is `admin_level`.
import type { Logger as FunctionLogger } from '@aws-lambda-powertools/logger';
import type { Logger, LogLine } from '../dtm/logger.ts';

/** Creates the logger for the API client. */
export function createClientLogger(logger: FunctionLogger): Logger {
  const line =
    (severity: keyof Logger): LogLine =>
    (event, { level, message, ...fields }) =>
      logger[severity](event, { ...fields, admin_level: level, said: message });
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}
