// Turns every error into one line and an exit status. An error that the user can fix has no stack trace. A bug in the
// program keeps it for the bug report.
import { CommanderError } from 'commander';
import { ServiceError } from '../aws/service-error.ts';
import { AnnouncementError } from '../catalogue/announce.ts';
import { PageNotBuiltError } from '../catalogue/page/assets.ts';
import { UnknownOutcomeError } from '../catalogue/pointer.ts';
import { REPAIR_HINT } from '../catalogue/prefix.ts';
import { DTMApiError, DTMApiVersionError, DTMAuthenticationError, ValidationError } from '../dtm/errors.ts';
import { ConfigurationError } from '../environment/configuration.ts';
import { CommandStartError } from '../read/watch/command.ts';
import { LATEST, RELEASES, STATUS } from '../release/layout.ts';
import { DamagedFileError } from '../release/manifest.ts';
import { KeyRefusedError } from '../run/api-client.ts';
import { DeadlineError } from '../run/export.ts';
import { MixedSourceError } from '../run/units/source.ts';
import { StagedFileError } from '../run/units/unit.ts';
import { StoreConflictError, StoreError } from '../store/store.ts';
import { AuditError } from '../verify/audit.ts';
import { printable } from './printable.ts';
import { EXIT, type Exit, InterruptedError } from './terminal.ts';

const REPAIRABLE_FILES = [LATEST, RELEASES, STATUS];
const USAGE_ERRORS = [ConfigurationError, ValidationError, DTMApiVersionError];
const EXPECTED_ERRORS = [
  PageNotBuiltError,
  AnnouncementError,
  DTMApiError,
  AuditError,
  CommandStartError,
  DamagedFileError,
  DeadlineError,
  KeyRefusedError,
  MixedSourceError,
  ServiceError,
  StagedFileError,
  StoreConflictError,
  StoreError,
  UnknownOutcomeError,
  InterruptedError,
];

/** Returns the line to print, null if it was printed already, and the exit status. */
export function describeFailure(error: unknown): { line: string | null; exit: Exit } {
  if (error instanceof CommanderError)
    return { line: null, exit: error.exitCode === 0 ? EXIT.done : EXIT.usage };
  if (USAGE_ERRORS.some((errorClass) => error instanceof errorClass) || isUnusableKey(error))
    return { line: oneLine(error as Error), exit: EXIT.usage };
  if (EXPECTED_ERRORS.some((errorClass) => error instanceof errorClass))
    return { line: `${oneLine(error as Error)}${advice(error)}`, exit: EXIT.failed };
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { line: `a mistake in this program, please report it: ${stack}`, exit: EXIT.failed };
}

/** True if the key could not be sent. If the API refuses a key, the error has an HTTP status. */
const isUnusableKey = (error: unknown): boolean =>
  error instanceof DTMAuthenticationError && error.status === undefined;

/** Advises `repair` for a damaged file that is made from the releases. */
const advice = (error: unknown): string =>
  error instanceof DamagedFileError &&
  REPAIRABLE_FILES.includes(error.key) &&
  !error.message.includes('repair')
    ? `; ${REPAIR_HINT}`
    : '';

const oneLine = (error: Error): string => printable(error.message.replaceAll(/\s*[\r\n]+\s*/g, ' '));
