// Reads and changes `status.json`. Changes are made by compare-and-swap, so no run overwrites a record of another run.
import { STATUS } from '../release/layout.ts';
import {
  type CheckResult,
  NO_STATUS,
  readStatusFile,
  type Status,
  updateCheckedUnits,
} from '../release/status.ts';
import type { Store } from '../store/store.ts';
import { updateJson } from './compare-and-swap.ts';

/** The last check, change and failure; null if nothing was ever checked. @throws {DamagedFileError} */
export async function readStatus(store: Store): Promise<Status | null> {
  const found = await store.get(STATUS);
  return found ? readStatusFile(found.body) : null;
}

/** Records a check as the last one. The order of writes decides which is the last, not the clocks. */
export async function recordCheck(store: Store, check: CheckResult): Promise<void> {
  const at = check.at.toISOString();
  await updateJson(store, STATUS, {
    read: readStatusFile,
    empty: NO_STATUS,
    change: (before) => {
      const failed = check.outcome === 'refused' || check.outcome === 'failed';
      return {
        last_check: { at, run: check.run, outcome: check.outcome, coverage: check.coverage },
        last_change:
          check.outcome === 'published' ? { at, release: check.release as string } : before.last_change,
        last_failure: failed ? { at, run: check.run, reason: check.reason ?? '' } : before.last_failure,
        ...(check.units || before.units ? { units: updateCheckedUnits(before.units ?? [], check) } : {}),
      };
    },
  });
}
