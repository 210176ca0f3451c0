// `download`: fetches a release, or part of it, into a folder and checks every file.
import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { ConfigurationError } from '../../environment/configuration.ts';
import {
  type DownloadProgress,
  type DownloadResult,
  downloadRelease,
  type FileOrigin,
} from '../../read/download.ts';
import { DownloadError, type ReleasePart } from '../../read/find-release.ts';
import { openDestination, openSource } from '../locations.ts';
import { countries, formats, integer, releaseId, tables } from '../option-values.ts';
import { printable } from '../printable.ts';
import { EXIT, type Finish, type Terminal } from '../terminal.ts';

interface Flags extends Partial<ReleasePart> {
  readonly to: string;
  readonly release?: string;
  readonly concurrency: number;
  readonly json: boolean;
  readonly quiet: boolean;
}

const LAYOUT = `
The files lie in DIR as they lie at SOURCE, below releases/RELEASE/, with manifest.json once all are there. If that is
the whole release, latest.json names it, and verify, status, serve and download read DIR as any other dataset. A part
is checked by sha256sum --ignore-missing -c SHA256SUMS, or by downloading it again. What is there with the right
SHA-256 is not fetched again, nor what another release in DIR has; what changes and texts the release has always come
with it.

Example:
  $ dtm-exporter download https://example.org/dtm --to ./dtm --countries HTI --formats csv`;

export const downloadCommand = (terminal: Terminal, finish: Finish): Command =>
  new Command('download')
    .description('Fetches a release, or part of it, and checks every file; run again, it goes on.')
    .argument('<SOURCE>', 'a folder, s3://bucket/prefix or an https:// address')
    .requiredOption('--to <DIR>', 'folder to download into')
    .option('--release <ID>', 'its id (default: the current release)', releaseId)
    .option('--tables <NAMES>', 'only these, such as admin1,snapshots', tables)
    .option('--countries <CODES>', 'only the files of these countries, such as AFG,HTI', countries)
    .option('--formats <NAMES>', 'only these: parquet, csv, xlsx', formats)
    .option('--concurrency <N>', 'files at once', integer(1, 64), 4)
    .option('--json', 'print one JSON object on stdout', false)
    .option('--quiet', 'print no progress', false)
    .addHelpText('after', LAYOUT)
    .action(async (source: string, flags: Flags) => {
      const downloaded = await run(terminal, source, flags);
      if (flags.json) terminal.result(JSON.stringify(downloaded));
      for (const problem of downloaded.problems) terminal.note(`dtm-exporter: ${printable(problem)}`);
      const isComplete = downloaded.problems.length === 0;
      if (isComplete && !flags.json) terminal.result(downloadedText(downloaded, flags.to));
      finish(isComplete ? EXIT.done : EXIT.failed);
    });

/** @throws {ConfigurationError} if the source has no such release or part */
async function run(terminal: Terminal, source: string, flags: Flags): Promise<DownloadResult> {
  const from = openSource(source, { signal: terminal.interrupted });
  const target = await openDestination(flags.to);
  const progress = downloadProgress(terminal, flags.quiet);
  try {
    return await downloadRelease(from, target, {
      release: flags.release ?? null,
      tables: flags.tables ?? null,
      countries: flags.countries ?? null,
      formats: flags.formats ?? null,
      concurrency: flags.concurrency,
      now: new Date(),
      onProgress: progress.onProgress,
      signal: terminal.interrupted,
    });
  } catch (error) {
    throw error instanceof DownloadError ? new ConfigurationError(error.message, { cause: error }) : error;
  } finally {
    progress.end();
  }
}

/** The words for how a file came to its place. */
const ORIGINS: Readonly<Record<FileOrigin, string>> = {
  fetched: 'fetched',
  reused: 'taken from an earlier download',
  there: 'is there',
};

/** Creates the progress display: a bar on a terminal, one line for each file elsewhere. */
function downloadProgress({ screen, note }: Terminal, quiet: boolean) {
  let bar: SingleBar | null = null;
  const onBar = (stream: NodeJS.WriteStream, { path, done, files }: DownloadProgress): void => {
    if (!bar) {
      bar = new SingleBar({
        format: 'downloading [{bar}] {value}/{total} {path}',
        stream,
        hideCursor: true,
        barsize: 30,
      });
      bar.start(files, 0, { path: '' });
    }
    bar.update(done, { path });
  };
  return {
    onProgress: (progress: DownloadProgress): void => {
      const { path, origin, done, files } = progress;
      if (quiet) return;
      if (screen) onBar(screen, progress);
      else note(`[${done}/${files}] ${path} ${ORIGINS[origin]}`);
    },
    end: (): void => bar?.stop(),
  };
}

function downloadedText(
  { release, whole: isWhole, files, bytes, fetched, reused }: DownloadResult,
  to: string,
): string {
  const subject = isWhole ? `Release ${release}` : `Part of release ${release}`;
  const next = isWhole ? `\n  npx dtm-exporter verify ${to}      every file against the manifest` : '';
  const origins = `${fetched} of them fetched now${reused > 0 ? `, ${reused} taken from earlier downloads` : ''}`;
  return `${subject} is in ${to}/releases/${release}: ${files} files, ${bytes.toLocaleString('en')} bytes, ${origins}${next}`;
}
