// Shows the progress of a run: a bar on a terminal, lines elsewhere.
import { SingleBar } from 'cli-progress';
import type { Progress } from '../run/context.ts';
import { unitName } from '../run/units/unit.ts';
import { printable } from './printable.ts';
import type { Terminal } from './terminal.ts';

export interface ProgressReport {
  readonly onProgress: (progress: Progress) => void;
  /** Removes the bar. Call it before anything else is printed. */
  readonly end: () => void;
}

const SILENT: ProgressReport = { onProgress: () => {}, end: () => {} };

/** Creates the progress display of a run: nothing if `quiet`, one line for each unit if `verbose`. */
export function progressReport(
  { screen, note }: Pick<Terminal, 'screen' | 'note'>,
  { quiet, verbose }: { quiet: boolean; verbose: boolean },
): ProgressReport {
  if (quiet) return SILENT;
  return screen && !verbose ? bars(screen) : lines(note);
}

function bars(stream: NodeJS.WriteStream): ProgressReport {
  const format = '{stage} [{bar}] {value}/{total} {item}';
  let bar: SingleBar | null = null;
  let stage = '';
  const show = (name: string, done: number, total: number, item: string): void => {
    if (name !== stage) {
      bar?.stop();
      bar = new SingleBar({ format, stream, hideCursor: true, barsize: 30 });
      bar.start(total, 0, { stage: name.padEnd(8), item: '' });
      stage = name;
    }
    bar?.update(done, { item });
  };
  return {
    onProgress: (progress) => {
      if (progress.stage === 'plan') show('fetching', 0, progress.units, '');
      if (progress.stage === 'fetch')
        show('fetching', progress.done, progress.units, unitName(progress.report));
      if (progress.stage === 'write') show('writing', progress.done, progress.files, progress.path);
      if (progress.stage === 'audit') bar?.update({ item: 'reading all of it back' });
    },
    end: () => bar?.stop(),
  };
}

function lines(note: (text: string) => void): ProgressReport {
  return {
    onProgress: (progress) => {
      if (progress.stage === 'plan') note(`asking for ${progress.units} units`);
      if (progress.stage === 'fetch') {
        const { report, done, units } = progress;
        const reason = report.reason ? `: ${printable(report.reason)}` : '';
        note(
          `[${done}/${units}] ${unitName(report)} ${report.status}, ${report.rows} rows, ${report.attempts} requests, ${report.seconds.toFixed(1)} s${reason}`,
        );
      }
      if (progress.stage === 'audit') note(`wrote ${progress.files} files, reading them back`);
    },
    end: () => {},
  };
}
