// Run ids: a time, with an optional suffix for runs of the same second.
import { createHash } from 'node:crypto';
import { RUN_ID } from '../release/layout.ts';

/**
 * Parses `2026-11-24T05-00-00Z` or `2026-11-24T05:00:00Z`, optionally with `-` and 1 to 12 of `[a-z0-9]`. Returns
 * undefined for anything else.
 */
export function parseRunId(text: string): string | undefined {
  const run = text.replaceAll(':', '-');
  const time = `${run.slice(0, 13)}:${run.slice(14, 16)}:${run.slice(17, 20)}`;
  const parsed = new Date(time);
  const isTime = !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(time.slice(0, 19));
  return RUN_ID.test(run) && isTime ? run : undefined;
}

/** Contract: the event's time and 8 hex digits of the SHA-256 of its id. An event that is delivered twice is one run. */
export function refreshRunId({ time, id }: { time: string; id: string }): string {
  const digest = createHash('sha256').update(id).digest('hex').slice(0, 8);
  return `${time.replaceAll(':', '-')}-${digest}`;
}
