// Those who look at a folder while others write into it. They know nothing of the library: files, JSON and hashes only.
import { createHash } from 'node:crypto';
import { access, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const orNull = <T>(read: Promise<T>): Promise<T | null> => read.catch(() => null);

/** The JSON in a file, or null if there is no such file. */
export async function readJson<T>(path: string): Promise<T | null> {
  const bytes = await orNull(readFile(path));
  return bytes && (JSON.parse(bytes.toString()) as T);
}

interface Pointer {
  readonly release: string;
  readonly manifest: string;
  readonly manifest_sha256: string;
}

/** What is wrong with what `latest.json` promises, or null; and which release it names, null if there is none. */
async function look(folder: string): Promise<{ release: string | null; problem: string | null }> {
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

export interface Seen {
  /** Looks at a folder that has a pointer. */
  readonly looks: number;
  readonly problems: readonly string[];
  /** The releases that were current, in the order in which they came. */
  readonly releases: readonly string[];
}

/** Looks at a folder again and again until it is told to stop, and says what it saw; it may be told twice. */
export function watch(folder: string): { stop: () => Promise<Seen> } {
  const seen = { looks: 0, problems: [] as string[], releases: [] as string[] };
  let watching = true;
  const once = async (): Promise<void> => {
    const { release, problem } = await look(folder);
    if (problem) seen.problems.push(problem);
    if (release === null) return;
    seen.looks++;
    if (seen.releases.at(-1) !== release) seen.releases.push(release);
  };
  const watched = (async () => {
    for (; watching; await sleep(15)) await once();
    await once();
  })();
  return {
    stop: async () => {
      watching = false;
      await watched;
      return seen;
    },
  };
}

/** Names of files below a folder that are not whole; what has not got its final name yet lies in `.tmp/`. */
export async function halfFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const named = paths.filter((path) => !path.startsWith('.'));
  const whole = await Promise.all(
    named.map(async (path) => isWhole(path, await readFile(join(folder, path)))),
  );
  return named.filter((_, at) => !whole[at]);
}

/** Arrow IPC: a stream ends with a continuation mark and a length of 0. */
const ARROW_END = 'ffffffff00000000';

function isWhole(path: string, bytes: Buffer): boolean {
  if (path.endsWith('.parquet'))
    return bytes.subarray(0, 4).toString() === 'PAR1' && bytes.subarray(-4).toString() === 'PAR1';
  if (path.endsWith('.arrow')) return bytes.subarray(-8).toString('hex') === ARROW_END;
  try {
    const plain = path.endsWith('.gz') ? gunzipSync(bytes) : bytes;
    if (/\.json(\.gz)?$/.test(path)) JSON.parse(plain.toString());
    return bytes.length > 0;
  } catch {
    return false;
  }
}

export const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
