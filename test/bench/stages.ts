// One process that does what an export does, one thing after another, and tells what each stage cost. The stages are
// loaded only after the stopwatch was put around Node's functions.
import { setAside } from './asides.ts';
import { tell } from './spent.ts';
import { createStopwatch } from './stopwatch.ts';

const [to = ''] = process.argv.slice(2);
const stopwatch = createStopwatch();
setAside(stopwatch);
const { runStages } = await import('./steps.ts');
stopwatch.lap('start: Node and modules, from source');
await runStages(to, stopwatch);
tell(stopwatch.rows());
