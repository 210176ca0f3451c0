// Reads a dataset's folder while exports write into it. It uses no code of the library: only files, JSON and hashes.
import { createHash } from 'node:crypto';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const orNull = <T>(read: Promise<T>): Promise<T | null> => read.catch(() => null);

/** Parses a JSON file; null if there is no such file. */
export async function readJson<T>(path: string): Promise<T | null> {
  const bytes = await orNull(readFile(path));
  return bytes && (JSON.parse(bytes.toString()) as T);
}

interface Pointer {
  readonly release: string;
  readonly manifest: string;
  readonly manifest_sha256: string;
}

/** Checks the release that `latest.json` names. `problem` is null if all its files are there; `release` is null without a pointer. */
async function checkCurrent(folder: string): Promise<{ release: string | null; problem: string | null }> {
  const pointer = await readJson<Pointer>(join(folder, 'latest.json'));
  if (!pointer) return { release: null, problem: null };
  const { release } = pointer;
  const bytes = await orNull(readFile(join(folder, pointer.manifest)));
  if (!bytes) return { release, problem: `latest.json names ${pointer.manifest}, which is not there` };
  if (sha256(bytes) !== pointer.manifest_sha256)
    return { release, problem: `${pointer.manifest} has not the SHA-256 that latest.json says` };
  const { files } = JSON.parse(bytes.toString()) as { files: { path: string; bytes: number }[] };
  for (const { path, bytes } of files) {
    const found = await orNull(stat(join(folder, 'releases', release, path)));
    if (found?.size !== bytes)
      return { release, problem: `release ${release} lists ${path} of ${bytes} bytes: found ${found?.size}` };
  }
  return { release, problem: null };
}

export interface Observations {
  /** How often the folder was read with a pointer in it. */
  readonly looks: number;
  readonly problems: readonly string[];
  /** The releases that were current, in order. */
  readonly releases: readonly string[];
}

/** Reads a folder repeatedly until `stop` is called, and returns the observations. `stop` may be called twice. */
export function watchFolder(folder: string): { stop: () => Promise<Observations> } {
  const observations = { looks: 0, problems: [] as string[], releases: [] as string[] };
  let watching = true;
  const once = async (): Promise<void> => {
    const { release, problem } = await checkCurrent(folder);
    if (problem) observations.problems.push(problem);
    if (release === null) return;
    observations.looks++;
    if (observations.releases.at(-1) !== release) observations.releases.push(release);
  };
  const watcher = (async () => {
    for (; watching; await sleep(15)) await once();
    await once();
  })();
  return {
    stop: async () => {
      watching = false;
      await watcher;
      return observations;
    },
  };
}

/** Paths of truncated or damaged files below a folder. Files without their final name are in `.tmp/` and do not count. */
export async function findTruncatedFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const visible = paths.filter((path) => !path.startsWith('.'));
  const whole = await Promise.all(
    visible.map(async (path) => isWhole(path, await readFile(join(folder, path)))),
  );
  return visible.filter((_, at) => !whole[at]);
}

/** Arrow IPC: a stream ends with a continuation mark and a length of 0. */
const ARROW_END = 'ffffffff00000000';

function isWhole(path: string, bytes: Buffer): boolean {
  if (path.endsWith('.parquet'))
    return bytes.subarray(0, 4).toString() === 'PAR1' && bytes.subarray(-4).toString() === 'PAR1';
  if (path.endsWith('.arrow')) return bytes.subarray(-8).toString('hex') === ARROW_END;
  try {
    const content = path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
    if (/\.json(\.gz)?$/.test(path)) JSON.parse(content.toString());
    return bytes.length > 0;
  } catch {
    return false;
  }
}

export const fileExists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
