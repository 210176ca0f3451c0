// Preloaded into a process that is measured: when it ends it tells on file descriptor 3 what it has cost, the loading of
// Node included. JavaScript, as all that runs inside: stripping types costs a process a tenth of the floor.
import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

if (isMainThread)
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    writeSync(3, JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, rss: (maxRSS * 1024) / 1e6 }));
  });
