// One turn of a watcher: asks the source once, and runs the command if something happened. The state is written twice for
// an event: before the command begins, and when it has ended. A watcher that is killed between the two runs the command
// again, with the same id of the event: at least once.
import { type CurrentState, readCurrentIfChanged } from '../../catalogue/pointer.ts';
import { nothingPublishedMessage } from '../../catalogue/prefix.ts';
import { LATEST, MANIFEST, releaseKey } from '../../release/layout.ts';
import type { Store } from '../../store/store.ts';
import { type Command, type CommandEnd, runCommandLine } from './command.ts';
import {
  type CurrentRelease,
  decideEvent,
  isSeen,
  isWanted,
  knownReleases,
  onlyCountries,
  type ReleaseEvent,
} from './event.ts';
import { checkCodes, readHistory } from './history.ts';
import { isRunning } from './started-process.ts';
import { addRelease, readState, type WatchState, writeState } from './state.ts';
import { eventVariables } from './variables.ts';

/** What is watched, and what runs. */
export interface Watcher {
  readonly store: Store;
  /** The source for any working folder: see `absoluteSource`. */
  readonly source: string;
  readonly command: Command;
  /** Run only if one of these countries changed. Null: for every release. */
  readonly countries: readonly string[] | null;
  /** Path of the state file. */
  readonly statePath: string;
}

/** A command that is about to run, or has ended. `attempt` is 1 for the first. */
export interface Attempt {
  readonly event: ReleaseEvent;
  readonly attempt: number;
}

/** What a turn found and did. `waiting`: the source or an earlier command is not ready, with the reason. */
export type Turn =
  | { readonly outcome: 'nothing' }
  | { readonly outcome: 'unwanted'; readonly event: ReleaseEvent }
  | ({ readonly outcome: 'ran' | 'failed'; readonly end: CommandEnd } & Attempt)
  | { readonly outcome: 'busy' | 'waiting'; readonly reason: string };

export interface TurnOptions {
  readonly signal: AbortSignal;
  readonly onStart: (attempt: Attempt) => void;
}

/**
 * Takes one turn. The caller holds the watcher's lock.
 * @throws {StoreError} {DamagedFileError} if the source cannot be read, or the state cannot be written
 * @throws {ConfigurationError} if the state is damaged; {CommandStartError}; the signal's reason
 */
export async function takeTurn(watcher: Watcher, options: TurnOptions): Promise<Turn> {
  const { store, source, statePath } = watcher;
  const state = readState(statePath, source);
  const { process = null } = state.pending ?? {};
  if (process && isRunning(process))
    return {
      outcome: 'busy',
      reason: `the command that an earlier watcher started is still running (process ${process.pid})`,
    };
  // After a withdrawal the pointer may have the bytes of before, so an attempt that is left asks without condition.
  const pointed = await readCurrentIfChanged(store, state.pending ? null : state.etag);
  if (pointed === 'unchanged') return { outcome: 'nothing' };
  if (pointed.pointer === null) return { outcome: 'waiting', reason: await nothingPublishedMessage(store) };
  options.signal.throwIfAborted();
  return handlePointer({ watcher, state, options }, pointed);
}

interface TurnContext {
  readonly watcher: Watcher;
  readonly state: WatchState;
  readonly options: TurnOptions;
}

/** Decides what the pointer means, and acts on it. */
async function handlePointer(context: TurnContext, { etag, pointer, manifest }: CurrentState): Promise<Turn> {
  const { watcher, state, options } = context;
  const current = manifest && { manifest, sha256: pointer?.manifest_sha256 ?? '' };
  const seen = { ...seenState(state, current), etag };
  if (isSeen(state, current)) {
    if (etag !== state.etag) writeState(watcher.statePath, seen);
    return { outcome: 'nothing' };
  }
  const history = await readHistory(watcher.store, manifest, knownReleases(state));
  if (manifest && history.withdrawn.has(manifest.release))
    return {
      outcome: 'waiting',
      reason: `${watcher.source}: release ${manifest.release} is withdrawn, but ${LATEST} still names it: nothing is run`,
    };
  const decided = decideEvent(state, current, history);
  if (decided === 'stale') return { outcome: 'waiting', reason: staleMessage(watcher, state, current) };
  const event = decided === 'nothing' ? null : onlyCountries(checkEvent(decided), watcher.countries);
  if (event && isWanted(event, watcher.countries)) {
    options.signal.throwIfAborted();
    return runFor(context, event, { ...seen, ran: current?.manifest.release ?? null });
  }
  writeState(watcher.statePath, seen);
  return event ? { outcome: 'unwanted', event } : { outcome: 'nothing' };
}

/** The state once the pointer's event is done. */
function seenState(state: WatchState, current: CurrentRelease | null): WatchState {
  const seen = { release: current?.manifest.release ?? null, manifest_sha256: current?.sha256 ?? null };
  const before = state.seen?.release ?? null;
  const earlier = seen.release === before ? state.earlier : addRelease(state.earlier, before);
  return { ...state, seen, earlier, pending: null };
}

/** @throws {DamagedFileError} if a country is no code: these texts reach the environment of a command */
function checkEvent(event: ReleaseEvent): ReleaseEvent {
  const { release } = event.current?.manifest ?? {};
  checkCodes(release === undefined ? LATEST : releaseKey(release, MANIFEST), event.changed);
  return event;
}

/** Runs the command, and writes the state before it begins and when it has ended. */
async function runFor(
  { watcher, state, options }: TurnContext,
  event: ReleaseEvent,
  done: WatchState,
): Promise<Turn> {
  const { source, statePath, command } = watcher;
  const { seen } = done;
  const isAgain =
    state.pending?.event === event.id && state.pending.manifest_sha256 === seen?.manifest_sha256;
  const attempt = isAgain ? (state.pending?.attempts ?? 0) + 1 : 1;
  const pointed = { release: seen?.release ?? null, manifest_sha256: seen?.manifest_sha256 ?? null };
  const releases = addRelease(state.pending?.releases ?? [], pointed.release);
  const pending = { event: event.id, ...pointed, releases, attempts: attempt, failure: null, process: null };
  options.onStart({ event, attempt });
  const env = { ...command.env, ...eventVariables(event, { source, attempt }) };
  const end = await runCommandLine(
    { line: command.line, env },
    {
      onStart: (process) => writeState(statePath, { ...state, pending: { ...pending, process } }),
      signal: options.signal,
    },
  );
  const isDone = end.status === 0;
  writeState(statePath, isDone ? done : { ...state, pending: { ...pending, failure: endText(end) } });
  return { outcome: isDone ? 'ran' : 'failed', event, attempt, end };
}

/** How a command ended, as the end of a sentence. */
export const endText = ({ status, signal }: CommandEnd): string =>
  signal === null ? `ended with status ${status}` : `was ended by ${signal}`;

function staleMessage({ source }: Watcher, state: WatchState, current: CurrentRelease | null): string {
  const seen = state.pending?.release ?? state.seen?.release;
  return `${source}: ${LATEST} went back from release ${seen}, which is not withdrawn, to ${current?.manifest.release ?? 'none'}: nothing is run; a cache may be old, or a copy was restored`;
}
