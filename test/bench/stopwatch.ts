// Charges every moment of a process to a row, once. A lap is named when it ends; work of Node's own that stages share
// (gzip, SHA-256, files) is set aside as it happens, and never counted in the stage that asked for it. It holds only
// for work done one thing after another: threads that run beside a stage are charged to it.
import { type Cost, spent } from './spent.ts';

/** A row: its stage, and what was set aside in it, or '' for the stage's own work. */
export interface Row extends Cost {
  readonly stage: string;
  readonly aside: string;
  /** The work was done before: the row tells a part of its stage, and belongs in no sum. */
  readonly again: boolean;
}

const NOTHING: Cost = { wall: 0, cpu: 0 };
const DROPPED = 'dropped';

/** The sum of two costs, or with `sign` -1 the difference. */
const plus = (a: Cost, b: Cost, sign = 1): Cost => ({
  wall: a.wall + sign * b.wall,
  cpu: a.cpu + sign * b.cpu,
});

/** A stopwatch that starts with the process. */
export function createStopwatch() {
  const rows = new Map<string, Row>();
  const repeated = new Set<string>();
  let mark = NOTHING;
  let sinceLap = new Map<string, Cost>();
  let doing = '';
  let repeating = false;

  function charge(next: string): void {
    const now = spent();
    sinceLap.set(doing, plus(sinceLap.get(doing) ?? NOTHING, plus(now, mark, -1)));
    mark = now;
    doing = next;
  }

  /** Does the work and charges it to `name`, within whatever stage it happens. */
  function aside<T>(name: string, work: () => T): T {
    const before = doing;
    charge(repeating ? DROPPED : name);
    const result = work();
    if (result instanceof Promise) return result.finally(() => charge(before)) as T;
    charge(before);
    return result;
  }

  /** Does a part of the stage once more, to tell its share. */
  function again(name: string, work: () => unknown): void {
    repeated.add(name);
    aside(name, () => {
      repeating = true;
      work();
      repeating = false;
    });
  }

  /** Everything since the last lap was this stage. */
  function lap(stage: string): void {
    charge('');
    sinceLap.delete(DROPPED);
    for (const [name, cost] of sinceLap) {
      const key = JSON.stringify([stage, name]);
      const sum = plus(rows.get(key) ?? NOTHING, cost);
      rows.set(key, { stage, aside: name, again: repeated.has(name), ...sum });
    }
    sinceLap = new Map();
  }

  return { aside, again, lap, rows: (): Row[] => [...rows.values()] };
}

export type Stopwatch = ReturnType<typeof createStopwatch>;
