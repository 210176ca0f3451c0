#!/usr/bin/env node
// Imports here only what every Node has: an old one must get as far as the sentence that says it is too old.
import module from 'node:module';

/** The oldest Node that runs the command; `engines` in package.json says the same. */
const [MAJOR, MINOR] = [22, 13];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < MAJOR || (major === MAJOR && minor < MINOR)) {
  process.stderr.write(
    `dtm-exporter: needs Node.js ${MAJOR}.${MINOR} or newer, this is ${process.versions.node}: install a newer one from https://nodejs.org\n`,
  );
  process.exitCode = 2;
} else {
  // Before anything else is loaded. Where NODE_COMPILE_CACHE is set Node has seen to it by itself.
  const { readCacheHome } = await import('../environment/configuration.ts');
  const { compileCacheFolder: compileCache } = await import('./compile-cache.ts');
  const folder = module.getCompileCacheDir() === undefined ? compileCache(readCacheHome()) : null;
  if (folder !== null) module.enableCompileCache(folder);
  const words = process.argv.slice(2);
  const { processTerminal } = await import('./terminal.ts');
  const { runCommand } = await import('./program.ts');
  process.exitCode = await runCommand(words, processTerminal(words));
}
