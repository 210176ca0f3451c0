// The whole export, through the command line's own code; only what it prints is kept back.
import { runCommand } from '../../lib/cli/program.ts';
import { EXIT } from '../../lib/cli/terminal.ts';
import { spent, tell } from './spent.ts';

const [to = ''] = process.argv.slice(2);
const said: string[] = [];
const exit = await runCommand(['export', '--to', to, '--quiet', '--json'], {
  result: (text) => said.push(text),
  note: (text) => said.push(text),
  screen: null,
  interrupted: new AbortController().signal,
});
if (exit !== EXIT.done) throw new Error(`export ended with ${exit}: ${said.join('\n')}`);
tell(spent());
