// A program that exports and kills itself at a chosen step. SIGKILL runs no `finally` and no exit handler. Argument: `Orders` as JSON.
// If it survives, it prints the number of steps of each kind.
import { appendFile, link } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import type { DtmEvent } from '../../lib/catalogue/announce.ts';
import { DTMApi } from '../../lib/dtm/client.ts';
import { exportRun } from '../../lib/run/export.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import type { Store } from '../../lib/store/store.ts';

/** Kinds of steps: a read of the store after a change, a write or an announcement, a swap under the folder's lock, the naming of a new file. */
export type Kind = 'read' | 'write' | 'swap' | 'naming';

/** When to die. For a swap, the lock is held both before and after the rename. */
export interface Death {
  readonly kind: Kind;
  /** The n-th of its kind, from 1. */
  readonly at: number;
  readonly when: 'before' | 'after';
}

export interface Orders {
  readonly folder: string;
  readonly url: string;
  readonly run: string;
  readonly countries: readonly string[];
  readonly userAgent: string;
  /** File that gets the ids of announced events, one per line. */
  readonly announcements: string;
  /** Null: the process does not kill itself. */
  readonly death: Death | null;
}

const orders: Orders = JSON.parse(process.argv[2] ?? '');
const steps: Record<Kind, number> = { read: 0, write: 0, swap: 0, naming: 0 };

/** Kills this process if this is the chosen step. The signal arrives before the call returns. */
function dieIf(kind: Kind, at: number, when: Death['when']): void {
  const { death } = orders;
  if (death?.kind === kind && death.at === at && death.when === when) process.kill(process.pid, 'SIGKILL');
}

/** Whether the run has changed something since the last read that counted. */
let hasChanged = true;

async function step<T>(kind: Kind, work: () => Promise<T>): Promise<T> {
  // Reads in a row find the same files, so a death before any of them is the same.
  if (kind === 'read' && !hasChanged) return work();
  if (kind === 'read') hasChanged = false;
  steps[kind]++;
  const at = steps[kind];
  dieIf(kind, at, 'before');
  const result = await work();
  if (kind !== 'read') hasChanged = true;
  dieIf(kind, at, 'after');
  return result;
}

function countingStore(store: Store): Store {
  return {
    location: store.location,
    get: (...args) => step('read', () => store.get(...args)),
    getIfChanged: (...args) => step('read', () => store.getIfChanged(...args)),
    head: (...args) => step('read', () => store.head(...args)),
    put: (...args) => step('write', () => store.put(...args)),
    list: (...args) => step('read', () => store.list(...args)),
    listFolders: (...args) => step('read', () => store.listFolders(...args)),
    delete: (...args) => step('write', () => store.delete(...args)),
    sync: (...args) => step('write', () => store.sync(...args)),
    checkPreconditions: () => store.checkPreconditions(),
  };
}

/** Counts swaps. The folder's lock is a SQLite lock, held from the start of a transaction until the connection closes. */
function countLocks(): void {
  const locked = new WeakSet<DatabaseSync>();
  const { exec, close } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (sql) {
    exec.call(this, sql);
    locked.add(this);
    steps.swap++;
    dieIf('swap', steps.swap, 'before');
  };
  DatabaseSync.prototype.close = function () {
    if (locked.has(this)) dieIf('swap', steps.swap, 'after');
    close.call(this);
  };
}

countLocks();
const { folder, url, run, countries, userAgent, announcements } = orders;
// Does not import test/setting.ts, because it loads much more than this short process needs.
const api = new DTMApi({ subscriptionKey: 'sample-key', baseUrl: url, userAgent });
const context = {
  source: { url, apiVersion: 'v3' },
  ...{ run, api, now: () => new Date(), onProgress: () => {} },
  store: countingStore(folderStore(folder, { link: (from, to) => step('naming', () => link(from, to)) })),
  terms: { licence: 'No licence: not for redistribution.', visibility: 'private', contact: null },
  publicUrl: null,
  announcer: {
    announce: ({ id }: DtmEvent) => step('write', () => appendFile(announcements, `${id}\n`)),
  },
  generator: { name: 'dtm-exporter', version: '0.0.0', reading: 'test' },
} as const;
const { outcome } = await exportRun(context, {
  selection: { apiVersion: 'v3', levels: [0], countries },
  ...{ concurrency: 2, maxFailed: 10, maxAge: 30, deadline: null, acceptDrop: false, reissue: false },
});
process.stdout.write(`${JSON.stringify({ outcome, steps })}\n`);
