// A Python process that answers one line of JSON with one line of JSON.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { childEnvironment, environmentPython, script } from './python-environment.ts';

/** The process. Messages are answered one after the other. */
export interface PythonProcess extends AsyncDisposable {
  send(message: object): Promise<unknown>;
}

/** Starts a script of this folder. */
export async function startPython(name: string): Promise<PythonProcess> {
  const child = spawn(await environmentPython(), [script(name)], {
    env: childEnvironment(),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let last: Promise<unknown> = Promise.resolve();

  async function exchange(message: object): Promise<unknown> {
    child.stdin.write(`${JSON.stringify(message)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error('the process of the official client ended: see its stderr');
    return JSON.parse(value);
  }
  return {
    send: (message) => {
      const answered = last.then(() => exchange(message));
      last = answered.catch(() => {});
      return answered;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
