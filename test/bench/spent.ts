// What this process has cost since it started, the loading of Node included: a stage that looks cheap because its
// modules were loaded elsewhere is no cheaper to whoever runs the command.

/** Seconds of wall time, seconds of CPU (user and system, all threads). */
export interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

/** A process as a whole; `rss` is its peak, in MB of 1,000,000 bytes. */
export interface ProcessCost extends Cost {
  readonly rss: number;
}

/** What was spent since the process started. */
export function spent(): ProcessCost {
  const { user, system } = process.cpuUsage();
  return {
    wall: performance.now() / 1000,
    cpu: (user + system) / 1e6,
    rss: (process.resourceUsage().maxRSS * 1024) / 1e6,
  };
}

/** Hands the bench a process's result. */
export const tell = (result: object): void => void process.stdout.write(`${JSON.stringify(result)}\n`);
