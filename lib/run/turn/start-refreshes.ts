// Starts the executions that answer requests for a refresh. Requests are merged into one run, but one that accepts a loss
// has a run of its own: others did not accept it.
import type { Store } from '../../store/store.ts';
import { addRequests, moveRequests, type RefreshRequest } from './requests.ts';

/** Starts executions by name. Step Functions: `already started` is an execution that has ended, or has another input. */
interface Executions {
  start(name: string, input: Readonly<Record<string, unknown>>): Promise<'started' | 'already started'>;
}

interface Request extends RefreshRequest {
  readonly accept_drop?: boolean | undefined;
}

/** A started execution, or the error that prevented it, and the requests that it answers. */
interface StartedRefresh<R> {
  readonly run: string | null;
  readonly status: 'started' | 'already started' | 'requested before' | 'not started';
  readonly answers: readonly R[];
  readonly error?: Error;
}

/** Starts the executions for these requests. A request that comes again starts nothing new. */
export async function startRefreshes<R extends Request>(
  { store, executions }: { store: Store; executions: Executions },
  requests: readonly R[],
): Promise<StartedRefresh<R>[]> {
  const { alone = [], merged = [] } = Object.groupBy(requests, ({ accept_drop }) =>
    accept_drop ? 'alone' : 'merged',
  );
  const starts = alone.map((request) => () => startAlone(executions, request));
  if (merged.length > 0) starts.push(() => startMerged(store, executions, merged));
  const results: StartedRefresh<R>[] = [];
  for (const [at, start] of starts.entries()) {
    const answers = at < alone.length ? alone.slice(at, at + 1) : merged;
    try {
      results.push({ ...(await start()), answers });
    } catch (error) {
      results.push({ run: null, status: 'not started', answers, error: error as Error });
    }
  }
  return results;
}

type Started = Omit<StartedRefresh<never>, 'answers'>;

async function startAlone(executions: Executions, request: Request): Promise<Started> {
  const { run, countries, levels, accept_drop } = request;
  const input = { run, countries, levels, accept_drop, refresh: true };
  return { run, status: await executions.start(run, input) };
}

/** Adds the requests to those that wait, and starts their execution. Its input is always the same. */
async function startMerged(
  store: Store,
  executions: Executions,
  requests: readonly Request[],
): Promise<Started> {
  const start = (run: string) => executions.start(run, { run, refresh: true });
  const run = await addRequests(store, requests);
  if (run === null) return { run, status: 'requested before' };
  if ((await start(run)) === 'started') return { run, status: 'started' };
  // That execution has ended: with these requests, or without them, for example because it was aborted.
  const unused = requests.find((request) => request.run !== run)?.run ?? `${run}b`;
  const next = await moveRequests(store, run, unused);
  if (next === null) return { run, status: 'already started' };
  return { run: next, status: await start(next) };
}
