// Every error becomes one line and an exit status. What is the user's to mend has no stack trace; a mistake in the
// program keeps it, since that is what its report needs.
import { CommanderError } from 'commander';
import { AnnouncementError } from '../catalogue/announce.ts';
import { PageNotBuiltError } from '../catalogue/page/assets.ts';
import { UnknownOutcomeError } from '../catalogue/pointer.ts';
import { MENDING } from '../catalogue/prefix.ts';
import { DTMApiError, DTMApiVersionError, DTMAuthenticationError, ValidationError } from '../dtm/errors.ts';
import { ConfigurationError } from '../environment/configuration.ts';
import { LATEST, RELEASES, STATUS } from '../release/layout.ts';
import { DamagedFileError } from '../release/manifest.ts';
import { KeyRefusedError } from '../run/api-client.ts';
import { DeadlineError } from '../run/export.ts';
import { MixedSourceError } from '../run/units/source.ts';
import { StagedFileError } from '../run/units/unit.ts';
import { StoreConflictError, StoreError } from '../store/store.ts';
import { AuditError } from '../verify/audit.ts';
import { visible } from './printable.ts';
import { EXIT, type Exit, InterruptedError } from './terminal.ts';

const ROOT = [LATEST, RELEASES, STATUS];
const USAGE = [ConfigurationError, ValidationError, DTMApiVersionError];
const KNOWN = [
  PageNotBuiltError,
  AnnouncementError,
  DTMApiError,
  AuditError,
  DamagedFileError,
  DeadlineError,
  KeyRefusedError,
  MixedSourceError,
  StagedFileError,
  StoreConflictError,
  StoreError,
  UnknownOutcomeError,
  InterruptedError,
];

/** The line to print, null if it was printed already, and the exit status. */
export function failureOf(error: unknown): { line: string | null; exit: Exit } {
  if (error instanceof CommanderError)
    return { line: null, exit: error.exitCode === 0 ? EXIT.done : EXIT.usage };
  if (USAGE.some((known) => error instanceof known) || isUnusableKey(error))
    return { line: oneLine(error as Error), exit: EXIT.usage };
  if (KNOWN.some((known) => error instanceof known))
    return { line: `${oneLine(error as Error)}${advice(error)}`, exit: EXIT.failed };
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { line: `a mistake in this program, please report it: ${stack}`, exit: EXIT.failed };
}

/** A key that could not even be sent; one that the API refuses has its HTTP status. */
const isUnusableKey = (error: unknown): boolean =>
  error instanceof DTMAuthenticationError && error.status === undefined;

/** What is made from the releases can be made again. */
const advice = (error: unknown): string =>
  error instanceof DamagedFileError && ROOT.includes(error.key) && !error.message.includes('repair')
    ? `; ${MENDING}`
    : '';

const oneLine = (error: Error): string => visible(error.message.replaceAll(/\s*[\r\n]+\s*/g, ' '));
