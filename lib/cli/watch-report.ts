// Says what a watcher finds and does, on stderr: stdout belongs to its command. A problem is said once, not at each turn.
import { type Attempt, endText, type Turn, type Watcher } from '../read/watch/turn.ts';
import type { FailedTurn } from '../read/watch/watch-source.ts';
import { printable } from './printable.ts';
import type { Terminal } from './terminal.ts';

export interface WatchReport {
  readonly onWatch: (watcher: Watcher) => void;
  readonly onStart: (attempt: Attempt) => void;
  readonly onTurn: (turn: Turn | FailedTurn) => void;
}

/** Creates a report. `quiet`: problems only. `again`: when a failed command runs again, in words. */
export function createWatchReport(
  { note }: Pick<Terminal, 'note'>,
  { quiet, again }: { quiet: boolean; again: string },
): WatchReport {
  let problem: string | null = null;
  const inform = (text: string): void => {
    if (!quiet) note(printable(text));
  };
  const complain = (text: string): void => note(`dtm-exporter: ${printable(text)}`);

  const solve = (): void => {
    if (problem !== null) inform('The last problem is over');
    problem = null;
  };

  function onStart(attempt: Attempt): void {
    solve();
    inform(startText(attempt));
  }

  function onTurn(turn: Turn | FailedTurn): void {
    const reason = 'reason' in turn ? turn.reason : null;
    const isUsual = turn.outcome === 'busy' && quiet;
    if (reason === null) solve();
    else if (reason !== problem && !isUsual) complain(reason);
    problem = reason;
    if (turn.outcome === 'unwanted')
      inform(`${turn.event.id}: none of the countries changed; nothing is run`);
    if (turn.outcome === 'ran') inform(`${turn.event.id}: the command ended well`);
    if (turn.outcome === 'failed')
      complain(
        `${turn.event.id}: the command ${endText(turn.end)} (attempt ${turn.attempt}); it runs again ${again}`,
      );
  }

  return {
    onWatch: ({ source, statePath }) =>
      inform(`Watching ${source} until you press Ctrl-C; what was seen is in ${statePath}`),
    onStart,
    onTurn,
  };
}

/** The event, its countries, and the attempt if it is not the first. */
function startText({ event, attempt }: Attempt): string {
  const { id, previous, changed, areChangesKnown } = event;
  const since = previous === null ? '' : `; which of them changed since ${previous} is not known`;
  const what = areChangesKnown ? `changed: ${changed.join(', ') || 'no country'}` : `all countries${since}`;
  return `${id}: runs the command (${what}${attempt > 1 ? `; attempt ${attempt}` : ''})`;
}
