// Builds the command line from its commands, runs it, and turns errors into exit statuses.
import { Command, CommanderError } from 'commander';
import { GENERATOR } from '../run/context.ts';
import { diffCommand } from './commands/diff.ts';
import { downloadCommand } from './commands/download.ts';
import { exportCommand } from './commands/export.ts';
import { historyCommand } from './commands/history.ts';
import { pruneCommand } from './commands/prune.ts';
import { repairCommand } from './commands/repair.ts';
import { repointCommand } from './commands/repoint.ts';
import { serveCommand } from './commands/serve.ts';
import { simulateCommand } from './commands/simulate.ts';
import { statusCommand } from './commands/status.ts';
import { verifyCommand } from './commands/verify.ts';
import { watchCommand } from './commands/watch.ts';
import { withdrawCommand } from './commands/withdraw.ts';
import { describeFailure } from './error-message.ts';
import { EXIT, type Exit, type Finish, type Terminal } from './terminal.ts';

const COMMANDS = [
  exportCommand,
  verifyCommand,
  statusCommand,
  downloadCommand,
  diffCommand,
  historyCommand,
  withdrawCommand,
  pruneCommand,
  repairCommand,
  repointCommand,
  watchCommand,
  serveCommand,
  simulateCommand,
];

/** Creates the program with all its commands. The command that runs passes its exit status to `finish`. */
export function createProgram(terminal: Terminal, finish: Finish): Command {
  const program = new Command('dtm-exporter')
    .description("Turns the displacement figures of IOM's DTM API into open-data files.")
    .version(GENERATOR.version);
  for (const create of COMMANDS) program.addCommand(create(terminal, finish));
  for (const command of [program, ...program.commands]) configureErrors(command, terminal);
  return program;
}

/** Prints a usage error as one line that names the error and the allowed values, and throws instead of exiting. */
function configureErrors(command: Command, { result, note }: Terminal): void {
  command
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({
      writeOut: (text) => result(text.trimEnd()),
      writeErr: (text) => note(text.trimEnd()),
      outputError: (text, write) => write(usageLine(command, text)),
    });
}

function usageLine(command: Command, text: string): string {
  const line = text.replaceAll(/\s*\n\s*/g, ' ').trim();
  if (line.includes('unknown option')) return `${line}; allowed are ${optionNames(command)}`;
  if (line.includes('unknown command'))
    return `${line}; allowed are ${command.commands.map((subcommand) => subcommand.name()).join(', ')}`;
  return line;
}

const optionNames = (command: Command): string =>
  [...command.options.flatMap(({ long }) => long ?? []), '--help'].join(', ');

/** Runs one command line and resolves to its exit status. Never rejects. */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<Exit> {
  let exit: Exit = EXIT.done;
  const program = createProgram(terminal, (status) => {
    exit = status;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError && error.code === 'commander.help') return EXIT.usage;
    const failure = describeFailure(error);
    if (failure.line) terminal.note(`dtm-exporter: ${failure.line}`);
    return failure.exit;
  }
}
