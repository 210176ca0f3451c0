// The variables that tell a command what happened.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MANIFEST, releaseKey } from '../../release/layout.ts';
import { isS3 } from '../../store/s3/address.ts';
import type { ReleaseEvent } from './event.ts';

/** Where a source lies, for any working folder: an absolute path, or an address without a slash at its end. */
export function absoluteSource(location: string): string {
  if (isS3(location) || /^https?:/i.test(location)) return location.replace(/\/+$/, '');
  return resolve(/^file:\/\//i.test(location) ? fileURLToPath(location) : location);
}

/** The variables of an event. One that does not apply is empty, so none comes from the watcher's own environment. */
export function eventVariables(
  event: ReleaseEvent,
  { source, attempt }: { source: string; attempt: number },
): Record<string, string> {
  const { current } = event;
  const release = current?.manifest.release ?? '';
  return {
    DTM_EVENT: event.kind,
    DTM_EVENT_ID: event.id,
    DTM_ATTEMPT: String(attempt),
    DTM_SOURCE: source,
    DTM_RELEASE: release,
    DTM_MANIFEST: release && `${source}/${releaseKey(release, MANIFEST)}`,
    DTM_MANIFEST_SHA256: current?.sha256 ?? '',
    DTM_CHANGED_COUNTRIES: event.changed.join(','),
    DTM_CHANGES_KNOWN: event.areChangesKnown ? 'yes' : 'no',
    DTM_PREVIOUS_RELEASE: event.previous ?? '',
    DTM_WITHDRAWN: event.withdrawn.join(','),
  };
}
