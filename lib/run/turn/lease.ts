// One run at a time: `runs/lease.json` names the run that has its turn. It expires without progress, and a wrong clock or
// a killed process holds up nobody. It is no lock: a run that lost its lease goes on, and the pointer's compare-and-swap
// decides.
import { hostname } from 'node:os';
import { type Infer, nullable, number, string, type } from 'superstruct';
import { compareAndSwap } from '../../catalogue/compare-and-swap.ts';
import { isFuture } from '../../release/clocks.ts';
import { jsonBytes } from '../../release/digest.ts';
import { LEASE } from '../../release/layout.ts';
import { parseStruct } from '../../release/manifest.ts';
import type { Store } from '../../store/store.ts';

/** Milliseconds without progress after which a run counts as ended. One unit takes at most 12 minutes. */
export const LEASE_LENGTH = 20 * 60_000;

/** Milliseconds between two renewals. */
const RENEW_AFTER = 60_000;

/** `owner` is the ARN of an execution, or a random id on a laptop. `host` and `pid` are those of a laptop. */
const leaseStruct = type({
  run: string(),
  owner: string(),
  host: nullable(string()),
  pid: nullable(number()),
  taken_at: string(),
  renewed_at: string(),
  expires_at: string(),
  released_at: nullable(string()),
});

type Lease = Infer<typeof leaseStruct>;

/** Another run has its turn: this one asks for nothing and writes nothing. */
export class RunUnderWayError extends Error {
  override readonly name = 'RunUnderWayError';
  /** The run that has its turn. */
  readonly run: string;
  constructor({ run, owner, host, pid, taken_at, renewed_at, expires_at }: Lease) {
    const who = pid === null ? owner : `process ${pid} on ${host}`;
    super(
      `run ${run} (${who}) has been under way since ${taken_at}, with its last progress at ${renewed_at}, so nothing was asked or written: wait until it ends, or stop it; without progress it counts as ended at ${expires_at}`,
    );
    this.run = run;
  }
}

/** Who wants the lease, and for which run. */
export interface Owner {
  readonly run: string;
  readonly owner: string;
  /** Null on AWS. */
  readonly host: string | null;
  readonly pid: number | null;
  /** Whether this owner takes over from another owner of the same run. */
  readonly resumes: boolean;
}

/** The lease of one owner. */
export interface RunLease {
  /** Takes the lease. @throws {RunUnderWayError} if another run has it; {StoreError} */
  take(): Promise<void>;
  /** Renews the lease if the last renewal is a minute ago. A renewal that fails is left to the next one. */
  renew(): Promise<void>;
  /** Gives the lease back, if it is this owner's. If that fails, the lease expires. */
  release(): Promise<void>;
}

/** Leases of this process. Their owner is alive, although it has the same process id. */
const liveOwners = new Set<string>();

/** Creates the lease of an owner, without taking it. */
export function createLease({ store, now }: { store: Store; now: () => Date }, me: Owner): RunLease {
  const { resumes: _, ...identity } = me;
  let renewedAt = Number.NEGATIVE_INFINITY;
  /** Renewals one after another: two at once would write twice within a minute, and `release` waits for all. */
  let renewals = Promise.resolve();
  const timesOf = (taken: string | null): Pick<Lease, 'taken_at' | 'renewed_at' | 'expires_at'> => {
    const time = now();
    const expires = new Date(time.getTime() + LEASE_LENGTH);
    const renewed_at = time.toISOString();
    return { taken_at: taken ?? renewed_at, renewed_at, expires_at: expires.toISOString() };
  };
  /** Changes the lease if it is still this run's. */
  const change = (update: (lease: Lease) => Lease | null): Promise<void> =>
    compareAndSwap(store, LEASE, (found) => {
      const lease = readLease(found);
      const updated = lease?.run === me.run && lease.released_at === null ? update(lease) : null;
      return updated && jsonBytes(updated);
    }).catch(() => {});
  return {
    take: async () => {
      if (me.pid !== null) liveOwners.add(me.owner);
      const holders: Lease[] = [];
      await compareAndSwap(store, LEASE, (found) => {
        const lease = readLease(found);
        holders.length = 0;
        if (lease && !mayTake(lease, me, now())) {
          holders.push(lease);
          return null;
        }
        const taken = lease?.run === me.run && lease.released_at === null ? lease.taken_at : null;
        return jsonBytes({ ...identity, ...timesOf(taken), released_at: null });
      });
      if (holders[0]) throw new RunUnderWayError(holders[0]);
      renewedAt = now().getTime();
    },
    renew: () => {
      // The clock may be set back meanwhile.
      if (Math.abs(now().getTime() - renewedAt) < RENEW_AFTER) return renewals;
      renewedAt = now().getTime();
      renewals = renewals.then(() =>
        change((lease) =>
          Math.abs(now().getTime() - Date.parse(lease.renewed_at)) < RENEW_AFTER
            ? null
            : { ...lease, ...timesOf(lease.taken_at) },
        ),
      );
      return renewals;
    },
    release: async () => {
      await renewals;
      await change((lease) =>
        lease.owner === me.owner ? { ...lease, released_at: now().toISOString() } : null,
      );
      liveOwners.delete(me.owner);
    },
  };
}

/** The stored lease. Null if there is none, or if it is damaged: it is then written again. */
function readLease(found: Uint8Array | null): Lease | null {
  try {
    return found && parseStruct(LEASE, found, leaseStruct);
  } catch {
    return null;
  }
}

const mayTake = (lease: Lease, me: Owner, now: Date): boolean =>
  lease.released_at !== null ||
  lease.owner === me.owner ||
  (lease.run === me.run && me.resumes) ||
  isExpired(lease, now) ||
  hasDied(lease);

/** A lease that ends later than any lease can is from a wrong clock: it counts as expired. */
const isExpired = ({ expires_at }: Lease, now: Date): boolean =>
  !(Date.parse(expires_at) > now.getTime()) || isFuture(expires_at, new Date(now.getTime() + LEASE_LENGTH));

/** Whether the owner was a process of this machine that has ended. After a restart its id may be this process's own. */
function hasDied({ host, pid, owner }: Lease): boolean {
  if (pid === null || host !== hostname()) return false;
  return pid === process.pid ? !liveOwners.has(owner) : !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process is another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
