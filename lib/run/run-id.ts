// Run ids: a time, and what tells apart those of one second.
import { createHash } from 'node:crypto';
import { RUN_ID } from '../release/layout.ts';

/** `2026-11-24T05-00-00Z` or `2026-11-24T05:00:00Z`, optionally `-` and 1 to 12 of `[a-z0-9]`; undefined for what is none. */
export function parseRunId(text: string): string | undefined {
  const run = text.replaceAll(':', '-');
  const time = `${run.slice(0, 13)}:${run.slice(14, 16)}:${run.slice(17, 20)}`;
  const parsed = new Date(time);
  const isTime = !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(time.slice(0, 19));
  return RUN_ID.test(run) && isTime ? run : undefined;
}

/** Contract: a refresh has its event's time and 8 hex digits of its id's SHA-256, so a double delivery is one run. */
export function refreshRunId({ time, id }: { time: string; id: string }): string {
  const digest = createHash('sha256').update(id).digest('hex').slice(0, 8);
  return `${time.replaceAll(':', '-')}-${digest}`;
}
