#!/usr/bin/env node
// Imports here only what every Node has: an old one must get as far as the sentence that says it is too old.
import module from 'node:module';

/** Since when each line of Node runs the command: its agents know proxies; `engines` in package.json says the same. */
const OLDEST: Record<number, number> = { 22: 21, 23: Number.POSITIVE_INFINITY, 24: 5 };

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || minor < (OLDEST[major] ?? 0)) {
  process.stderr.write(
    `dtm-exporter: needs Node.js 22.21, or 24.5 or newer, this is ${process.versions.node}: install a newer one from https://nodejs.org\n`,
  );
  process.exitCode = 2;
} else {
  // Before anything else is loaded. Where NODE_COMPILE_CACHE is set Node has seen to it by itself.
  const { readCacheHome } = await import('../config.ts');
  const { compileCache } = await import('./cache.ts');
  const folder = module.getCompileCacheDir() === undefined ? compileCache(readCacheHome()) : null;
  if (folder !== null) module.enableCompileCache(folder);
  const words = process.argv.slice(2);
  const { processTerminal } = await import('./terminal.ts');
  const { runCommand } = await import('./program.ts');
  process.exitCode = await runCommand(words, processTerminal(words));
}
