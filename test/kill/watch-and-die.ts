// A program that takes one turn of a watcher and kills itself at a chosen step. Argument: `WatchOrders` as JSON. It prints
// the outcome, and the number of steps of each kind.
import childProcess, { type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** Kinds of steps: a read of the source, the renaming of a written state, the start of the shell, the word to it, its end. */
export type WatchStep = 'read' | 'state' | 'shell' | 'word' | 'end';

/** When to die: at the n-th step of a kind, from 1. */
export interface WatchDeath {
  readonly kind: WatchStep;
  readonly at: number;
  readonly when: 'before' | 'after';
}

export interface WatchOrders {
  readonly folder: string;
  readonly statePath: string;
  readonly line: string;
  /** Null: the process does not kill itself. */
  readonly death: WatchDeath | null;
}

const { folder, statePath, line, death }: WatchOrders = JSON.parse(process.argv[2] ?? '');
const steps: Record<WatchStep, number> = { read: 0, state: 0, shell: 0, word: 0, end: 0 };

/** SIGKILL arrives before the call returns. */
function dieIf(kind: WatchStep, when: WatchDeath['when']): void {
  if (death?.kind === kind && death.at === steps[kind] && death.when === when)
    process.kill(process.pid, 'SIGKILL');
}

function step<T>(kind: WatchStep, work: () => T): T {
  steps[kind]++;
  dieIf(kind, 'before');
  const result = work();
  dieIf(kind, 'after');
  return result;
}

// The modules under test import these functions by name, so they are replaced before those modules are loaded.
const { renameSync } = fs;
const { spawn } = childProcess;
fs.renameSync = (from, to) => step('state', () => renameSync(from, to));
childProcess.spawn = ((...args: Parameters<typeof spawn>) => {
  const child: ChildProcess = step('shell', () => spawn(...args));
  child.prependListener('exit', () => step('end', () => {}));
  const { stdin } = child;
  if (stdin) {
    const end = stdin.end.bind(stdin) as (text: string) => typeof stdin;
    stdin.end = ((text: string) => step('word', () => end(text))) as typeof stdin.end;
  }
  return child;
}) as typeof spawn;
syncBuiltinESMExports();

const { takeTurn } = await import('../../lib/read/watch/turn.ts');
const { withWatchLock } = await import('../../lib/read/watch/watch-source.ts');
const { folderStore } = await import('../../lib/store/folder/folder-store.ts');

const store = folderStore(folder);
const readStep = async <T>(work: () => Promise<T>): Promise<T> => {
  steps.read++;
  dieIf('read', 'before');
  const result = await work();
  dieIf('read', 'after');
  return result;
};
const counting = {
  ...store,
  get: (...args: Parameters<typeof store.get>) => readStep(() => store.get(...args)),
  getIfChanged: (...args: Parameters<typeof store.getIfChanged>) =>
    readStep(() => store.getIfChanged(...args)),
};
const command = { line, env: { ...process.env, NODE_V8_COVERAGE: '' } };
const watcher = { store: counting, source: folder, command, countries: null, statePath };
const options = { signal: new AbortController().signal, onStart: () => {} };
const turn = await withWatchLock(statePath, () => takeTurn(watcher, options));
process.stdout.write(`${JSON.stringify({ outcome: turn?.outcome ?? 'locked', steps })}\n`);
