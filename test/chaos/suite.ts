// Runs the chaos suite, all of its files with the same dice.
import { spawn } from 'node:child_process';
import { again, SECONDS, SEED } from './dice.ts';

process.stdout.write(`chaos: ${SECONDS} seconds of what dice choose; again with ${again}\n`);
const words = ['--test', '--test-concurrency=1', `${import.meta.dirname}/*.test.ts`];
const env = { ...process.env, DTM_CHAOS_SEED: String(SEED) };
spawn(process.execPath, words, { stdio: 'inherit', env }).once('close', (exit) => {
  process.exitCode = exit ?? 1;
});
