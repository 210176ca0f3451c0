// Writes rows where `--csv` says: to stdout, into a device or pipe, or into a file that appears whole or not at all.
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { ConfigurationError } from '../../environment/configuration.ts';
import { fileStoreError } from '../../store/folder/file-errors.ts';

/** Takes bytes until it is finished or dropped. */
export interface RowsOutput {
  /** Takes whole lines. */
  readonly write: (lines: Uint8Array | string) => Promise<void>;
  /** Gives the file its name. */
  readonly finish: () => Promise<void>;
  /** Removes what was written. After `finish` it does nothing. */
  readonly drop: () => Promise<void>;
}

const nothing = async (): Promise<void> => {};

/** Takes everything and writes nothing. */
const NO_OUTPUT: RowsOutput = { write: nothing, finish: nothing, drop: nothing };

/** Creates an output. `-` is stdout, null is nowhere. @throws {ConfigurationError} if the file cannot be written */
export async function openRowsOutput(
  target: string | null,
  printLine: (text: string) => void,
): Promise<RowsOutput> {
  if (target === null) return NO_OUTPUT;
  const print = async (lines: Uint8Array | string): Promise<void> => {
    const text = Buffer.from(lines).toString();
    if (text !== '') printLine(text.replace(/\n$/, ''));
  };
  if (target === '-') return { ...NO_OUTPUT, write: print };
  const refuse = (why: string): never => {
    throw new ConfigurationError(`--csv ${target}: ${why}; give the name of a file in a folder that exists`);
  };
  const refuseWith = ({ code }: NodeJS.ErrnoException): never => refuse(`it cannot be written (${code})`);
  const found = await stat(target).catch(() => null);
  if (found?.isDirectory()) refuse('it is a folder');
  if (found && !found.isFile()) return deviceOutput(await open(target, 'w').catch(refuseWith), target);
  // A link stays, and leads to the new file.
  const path = await realpath(target).catch(() => target);
  const partial = `${path}.${randomBytes(4).toString('hex')}.part`;
  const file = await open(partial, 'wx', found?.mode).catch(refuseWith);
  return fileOutput(file, { partial, path, target });
}

/** Writes into a device or a pipe, such as `/dev/null` or bash's `>(gzip)`: a file must not take its name. */
function deviceOutput(file: FileHandle, target: string): RowsOutput {
  return {
    write: (lines) => orStoreError(target, file.writeFile(lines).catch(ignoreClosedPipe)),
    finish: nothing,
    drop: () => file.close(),
  };
}

/** A reader that has enough, such as `head`, closes its end, as with `--csv -`. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function fileOutput(
  file: FileHandle,
  { partial, path, target }: { partial: string; path: string; target: string },
): RowsOutput {
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await file.close();
    isOpen = false;
  };
  const giveName = async (): Promise<void> => {
    await file.sync();
    await close();
    await rename(partial, path);
  };
  return {
    write: (lines) => orStoreError(target, file.writeFile(lines)),
    finish: () => orStoreError(target, giveName()),
    drop: async () => {
      await close();
      await rm(partial, { force: true });
    },
  };
}

/** @throws {StoreError} if the disk is full or fails */
async function orStoreError(target: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw fileStoreError(target, `--csv ${target}`, error);
  }
}
