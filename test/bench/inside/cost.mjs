// Preloaded into a measured process: at exit it writes CPU time and peak memory to file descriptor 3, with the start of Node
// included. The files here are JavaScript, because stripping types would cost a tenth of the floor.
import { writeSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

if (isMainThread)
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    writeSync(3, JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, rss: (maxRSS * 1024) / 1e6 }));
  });
