// Writes the files of a release, several at once, while the next ones are built.
import { putOnce } from '../../catalogue/claim.ts';
import type { BuiltFile } from '../../make/built-file.ts';
import type { RunContext } from '../context.ts';

/** Files written at once. The store is slower than the code that builds the files. */
const FILES_AT_ONCE = 8;

/** A file that was written. */
export type WrittenFile = Omit<BuiltFile, 'body'>;

/** Writes files of one release. */
export interface ReleaseWriter {
  /** Starts to write a file. Resolves when another one may be added. @throws the first error of any file */
  readonly add: (file: BuiltFile) => Promise<void>;
  /** Waits for all files. Returns those that were added since the last call, in the order of their calls. */
  readonly finish: () => Promise<WrittenFile[]>;
}

/** Creates a writer. `expected` is the number of data files and workbooks, for the progress. */
export function createReleaseWriter(context: RunContext, release: string, expected: number): ReleaseWriter {
  const inFlight = new Set<Promise<void>>();
  let written: Promise<WrittenFile>[] = [];
  let failure: { readonly error: unknown } | null = null;
  let done = 0;

  const write = async ({ body, ...rest }: BuiltFile): Promise<WrittenFile> => {
    context.signal?.throwIfAborted();
    await putOnce(context.store, release, { path: rest.entry.path, body, sameAs: rest.sameAs });
    done++;
    context.onProgress({ stage: 'write', path: rest.entry.path, done, files: Math.max(done, expected) });
    return rest;
  };

  const throwFailure = (): void => {
    if (failure) throw failure.error;
  };

  const add = async (file: BuiltFile): Promise<void> => {
    const writing = write(file);
    written.push(writing);
    const settled: Promise<void> = writing
      .then(
        () => {},
        (error: unknown) => {
          failure ??= { error };
        },
      )
      .finally(() => inFlight.delete(settled));
    inFlight.add(settled);
    while (inFlight.size >= FILES_AT_ONCE) await Promise.race(inFlight);
    throwFailure();
  };

  const finish = async (): Promise<WrittenFile[]> => {
    await Promise.all(inFlight);
    throwFailure();
    const files = await Promise.all(written);
    written = [];
    return files;
  };

  return { add, finish };
}
