// A process that exports and dies by its own hand at a chosen step: SIGKILL, so that nothing of it runs on, no `finally`
// and no exit handler. Argument: one JSON, `Orders`. Prints how many steps of each kind it took, if it lives that long.
import { appendFile, link } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import type { DtmEvent } from '../../lib/catalogue/announce.ts';
import { DTMApi } from '../../lib/dtm/client.ts';
import { exportRun } from '../../lib/run/export.ts';
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import type { Store } from '../../lib/store/store.ts';

/** What can be interrupted: an operation of the store or an announcement, a swap under the folder's lock, the naming of a new file. */
export type Kind = 'operation' | 'swap' | 'naming';

/** Of a swap, before and after are both while the lock is held: nothing is renamed yet, and all is. */
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
  /** Where ids of events are written, a line each: who subscribed. */
  readonly heard: string;
  /** Null to live. */
  readonly death: Death | null;
}

const orders: Orders = JSON.parse(process.argv[2] ?? '');
const steps: Record<Kind, number> = { operation: 0, swap: 0, naming: 0 };

/** SIGKILL is delivered before the call returns. */
function dieIf(kind: Kind, at: number, when: Death['when']): void {
  const { death } = orders;
  if (death?.kind === kind && death.at === at && death.when === when) process.kill(process.pid, 'SIGKILL');
}

async function step<T>(kind: Kind, work: () => Promise<T>): Promise<T> {
  steps[kind]++;
  const at = steps[kind];
  dieIf(kind, at, 'before');
  const result = await work();
  dieIf(kind, at, 'after');
  return result;
}

function counted(store: Store): Store {
  return {
    location: store.location,
    get: (...given) => step('operation', () => store.get(...given)),
    head: (...given) => step('operation', () => store.head(...given)),
    put: (...given) => step('operation', () => store.put(...given)),
    list: (...given) => step('operation', () => store.list(...given)),
    listFolders: (...given) => step('operation', () => store.listFolders(...given)),
    delete: (...given) => step('operation', () => store.delete(...given)),
    sync: (...given) => step('operation', () => store.sync(...given)),
    checkPreconditions: () => store.checkPreconditions(),
  };
}

/** The folder's lock is SQLite's: it is held from a transaction's beginning until its connection closes. */
function countLocks(): void {
  const held = new WeakSet<DatabaseSync>();
  const { exec, close } = DatabaseSync.prototype;
  DatabaseSync.prototype.exec = function (sql) {
    exec.call(this, sql);
    held.add(this);
    steps.swap++;
    dieIf('swap', steps.swap, 'before');
  };
  DatabaseSync.prototype.close = function () {
    if (held.has(this)) dieIf('swap', steps.swap, 'after');
    close.call(this);
  };
}

countLocks();
const { folder, url, run, countries, userAgent, heard } = orders;
// Not by way of the tests' setting, which loads far more than a short life needs.
const api = new DTMApi({ subscriptionKey: 'sample-key', baseUrl: url, userAgent });
const context = {
  source: { url, apiVersion: 'v3' },
  ...{ run, api, now: () => new Date(), onProgress: () => {} },
  store: counted(folderStore(folder, { link: (from, to) => step('naming', () => link(from, to)) })),
  terms: { licence: 'No licence: not for redistribution.', visibility: 'private', contact: null },
  publicUrl: null,
  announcer: { announce: ({ id }: DtmEvent) => step('operation', () => appendFile(heard, `${id}\n`)) },
  generator: { name: 'dtm-exporter', version: '0.0.0' },
} as const;
const { outcome } = await exportRun(context, {
  selection: { apiVersion: 'v3', levels: [0], countries },
  ...{ concurrency: 2, maxFailed: 10, maxAge: 30, deadline: null, acceptDrop: false, reissue: false },
});
process.stdout.write(`${JSON.stringify({ outcome, steps })}\n`);
