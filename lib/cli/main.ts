#!/usr/bin/env node
// Starts the command line. It imports only modules that every Node has, so that an old Node can print that it is too
// old.
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
  // Turn on the compile cache before other modules are loaded. With NODE_COMPILE_CACHE, Node has done it already.
  const { readCacheHome } = await import('../environment/configuration.ts');
  const { compileCacheFolder } = await import('./compile-cache.ts');
  const folder = module.getCompileCacheDir() === undefined ? compileCacheFolder(readCacheHome()) : null;
  if (folder !== null) module.enableCompileCache(folder);
  const args = process.argv.slice(2);
  const { processTerminal } = await import('./terminal.ts');
  const { runCommand } = await import('./program.ts');
  process.exitCode = await runCommand(args, processTerminal(args));
}
