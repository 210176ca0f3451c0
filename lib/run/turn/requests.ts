// Requests for a refresh wait in `runs/requests.json`, merged into one, until the run that answers them has its turn. So
// many requests are one run, and a request that comes while a run is under way is answered by a run that starts after it.
import { array, enums, type Infer, nullable, string, type } from 'superstruct';
import { compareAndSwap, updateJson } from '../../catalogue/compare-and-swap.ts';
import { LEVELS, type Level } from '../../dtm/endpoints.ts';
import { jsonBytes } from '../../release/digest.ts';
import { REQUESTS, requestKey } from '../../release/layout.ts';
import { parseStruct } from '../../release/manifest.ts';
import type { Store } from '../../store/store.ts';

/** Merged requests for one run: the units of all of them. `countries` null means all. `reasons` has the newest ones. */
const requestStruct = type({
  run: string(),
  countries: nullable(array(string())),
  levels: array(enums([0, 1, 2])),
  reasons: array(string()),
});

/** `next` waits for its run. `seen` has the ids of the last events, so that an event that comes twice counts once. */
const requestsStruct = type({ next: nullable(requestStruct), seen: array(string()) });

export type MergedRequest = Infer<typeof requestStruct>;

/** A request for a refresh. `run` is the run's id if no other request waits. */
export interface RefreshRequest {
  readonly id: string;
  readonly run: string;
  readonly countries?: readonly string[] | undefined;
  readonly levels?: readonly Level[] | undefined;
  readonly reason: string;
}

const MAX_REASONS = 20;
const MAX_SEEN = 1000;

const readRequests = (bytes: Uint8Array) => parseStruct(REQUESTS, bytes, requestsStruct);

/**
 * Adds requests to those that wait. Resolves to the id of the run that will answer them; null if all of them were added
 * before, and no run is waited for.
 * @throws {DamagedFileError}; {StoreError}; {StoreConflictError} if many others write at the same time
 */
export async function addRequests(store: Store, added: readonly RefreshRequest[]): Promise<string | null> {
  let run: string | null = null;
  await updateJson(store, REQUESTS, {
    read: readRequests,
    empty: { next: null, seen: [] },
    change: ({ next, seen }) => {
      const fresh = added.filter(({ id }) => !seen.includes(id));
      const merged = fresh.reduce<MergedRequest | null>(merge, next);
      run = merged?.run ?? null;
      return { next: merged, seen: [...seen, ...fresh.map(({ id }) => id)].slice(-MAX_SEEN) };
    },
  });
  return run;
}

function merge(
  next: MergedRequest | null,
  { run, countries, levels, reason }: RefreshRequest,
): MergedRequest {
  const units = { countries: countries?.toSorted() ?? null, levels: [...(levels ?? LEVELS)] };
  if (!next) return { run, ...units, reasons: [reason] };
  return {
    run: next.run,
    countries:
      next.countries && units.countries ? [...new Set([...next.countries, ...units.countries])].sort() : null,
    levels: [...new Set([...next.levels, ...units.levels])].sort(),
    reasons: [...next.reasons, reason].slice(-MAX_REASONS),
  };
}

/**
 * Gives the requests that wait for `run` to `other`, because `run` has ended without them. Resolves to the run that they
 * wait for now; null if there are none.
 */
export async function moveRequests(store: Store, run: string, other: string): Promise<string | null> {
  let waitsFor: string | null = null;
  await updateJson(store, REQUESTS, {
    read: readRequests,
    empty: { next: null, seen: [] },
    change: ({ next, seen }) => {
      const moved = next?.run === run ? { ...next, run: other } : next;
      waitsFor = moved?.run ?? null;
      return { next: moved, seen };
    },
  });
  return waitsFor;
}

/**
 * Takes the requests that wait for `run`: from now on new ones wait for another run. Taken requests are in the run's
 * folder, so a repeated call resolves to the same ones. Null if there are none.
 * @throws {DamagedFileError}; {StoreError}
 */
export async function takeRequests(store: Store, run: string): Promise<MergedRequest | null> {
  await compareAndSwap(store, REQUESTS, async (found) => {
    const requests = found && readRequests(found);
    if (requests?.next?.run !== run) return null;
    // Before the swap: if this process dies between the two, the same run takes them again.
    await store.put(requestKey(run), jsonBytes(requests.next), 'anything');
    return jsonBytes({ ...requests, next: null });
  });
  const taken = await store.get(requestKey(run));
  return taken && parseStruct(requestKey(run), taken.body, requestStruct);
}
