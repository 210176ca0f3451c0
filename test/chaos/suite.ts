// Runs all files of the chaos suite with the same seed.
import { spawn } from 'node:child_process';
import { repeatCommand, SECONDS, SEED } from './dice.ts';

process.stdout.write(`chaos: ${SECONDS} seconds of random cases; repeat with ${repeatCommand}\n`);
const args = ['--test', '--test-concurrency=1', `${import.meta.dirname}/*.test.ts`];
const env = { ...process.env, DTM_CHAOS_SEED: String(SEED) };
spawn(process.execPath, args, { stdio: 'inherit', env }).once('close', (exit) => {
  process.exitCode = exit ?? 1;
});
