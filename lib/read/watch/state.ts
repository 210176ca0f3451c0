// What a watcher remembers, in one JSON file. It is written to a temporary file, synced and renamed, so a kill or a loss
// of power leaves the old state or the new one. Only the holder of the watcher's lock writes it.
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { array, type Infer, integer, literal, nullable, object, string } from 'superstruct';
import { ConfigurationError } from '../../environment/configuration.ts';
import { jsonBytes, parseJson } from '../../release/digest.ts';
import { DamagedFileError, parseStruct } from '../../release/manifest.ts';
import { fileStoreError } from '../../store/folder/file-errors.ts';
import { syncFolderNow } from '../../store/folder/sync-folders.ts';

const VERSION = 1;

const startedProcess = object({ pid: integer(), started: nullable(string()) });

const pointed = { release: nullable(string()), manifest_sha256: nullable(string()) };

const stateStruct = object({
  version: literal(VERSION),
  source: string(),
  etag: nullable(string()),
  seen: nullable(object(pointed)),
  earlier: array(string()),
  ran: nullable(string()),
  pending: nullable(
    object({
      event: string(),
      ...pointed,
      releases: array(string()),
      attempts: integer(),
      failure: nullable(string()),
      process: nullable(startedProcess),
    }),
  ),
});

/**
 * `etag`: the version of the pointer that needs no further look. `seen`: what the pointer said then. `earlier`: the
 * releases that were seen before, oldest first. `ran`: the release for which the command last ended well. `pending`: the
 * event whose command was started and has not ended well, with what the pointer said, and the `releases` of all attempts
 * since the command last ended well, oldest first; `process` while the command may be running.
 */
export type WatchState = Infer<typeof stateStruct>;

/** A process by its id and its start, which tells it from a later process with the same id. Null: not known. */
export type StartedProcess = Infer<typeof startedProcess>;

/** How many releases a list of a state names. */
const MAX_RELEASES = 50;

/** The state of a watcher that has seen nothing of a source. */
export const emptyState = (source: string): WatchState => ({
  version: VERSION,
  source,
  etag: null,
  seen: null,
  earlier: [],
  ran: null,
  pending: null,
});

/** Adds a release as the last of those before; null adds none. */
export const addRelease = (releases: readonly string[], release: string | null): string[] =>
  release === null
    ? [...releases]
    : [...releases.filter((id) => id !== release), release].slice(-MAX_RELEASES);

/**
 * Reads the state of a source; the empty state if there is no file.
 * @throws {ConfigurationError} if the file is damaged, belongs to another source, or cannot be read
 */
export function readState(path: string, source: string): WatchState {
  const bytes = withPath(path, () => readIfThere(path));
  if (bytes === null) return emptyState(source);
  const state = parseState(path, bytes);
  if (state.source === source) return state;
  throw new ConfigurationError(
    `${path}: expected the state of ${source}, found that of ${state.source}; give another file with --state`,
  );
}

function parseState(path: string, bytes: Uint8Array): WatchState {
  try {
    return parseStruct(path, bytes, stateStruct);
  } catch (error) {
    if (!(error instanceof DamagedFileError)) throw error;
    const version = versionOf(bytes);
    throw new ConfigurationError(
      typeof version === 'number' && version > VERSION
        ? `${path}: expected a state of version ${VERSION}, found ${version}, of a newer dtm-exporter; use that one, or give another file with --state to run the command for the current release again`
        : `${error.message}; restore the file, or remove it to run the command for the current release again`,
    );
  }
}

/** The version that a file names, whatever else is in it; undefined if there is none. */
function versionOf(bytes: Uint8Array): unknown {
  try {
    return (parseJson(bytes) as { version?: unknown } | null)?.version;
  } catch {
    return undefined;
  }
}

function readIfThere(path: string): Uint8Array | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Replaces the state, and makes it durable. Only its owner can read it. @throws {StoreError} */
export function writeState(path: string, state: WatchState): void {
  try {
    // One name is enough, because only one process writes. A killed process may have left the file.
    const temporary = `${path}.tmp`;
    writeDurably(temporary, jsonBytes(state));
    renameSync(temporary, path);
    syncFolderNow(dirname(path));
  } catch (error) {
    throw fileStoreError(path, path, error);
  }
}

function writeDurably(path: string, bytes: Uint8Array): void {
  rmSync(path, { force: true });
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Creates the folder of the state if it is missing. @throws {ConfigurationError} */
export function createStateFolder(path: string): void {
  withPath(path, () => mkdirSync(dirname(path), { recursive: true, mode: 0o700 }));
}

/** Turns an error of the file system into one line. */
function withPath<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new ConfigurationError(
      `${path}: the watcher's state cannot be kept there (${code}); give a file in a writable folder with --state`,
      { cause: error },
    );
  }
}
