// The whole export as its users run it: the built program. Only what it prints is kept back.
import { EXIT } from '../../lib/cli/terminal.ts';
import { spent, tell } from './spent.ts';

const built = new URL('../../dist/cli/program.js', import.meta.url).href;
const { runCommand } = (await import(built)) as typeof import('../../lib/cli/program.ts');

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
