// A process that writes to a folder store, for tests of the guarantees between processes.
// Arguments: the task, the folder, and a number. It prints its result as JSON.
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { StoreConflictError, StoreError } from '../../lib/store/store.ts';

const [, , task = '', folder = '', number = '0'] = process.argv;
const store = folderStore(folder);
const count = Number(number);
const print = (result: unknown) => process.stdout.write(`${JSON.stringify(result)}\n`);

/** Adds one to the counter by compare-and-swap, and repeats until it succeeds. Resolves to the number of lost races. */
async function increment(): Promise<number> {
  for (let lost = 0; ; lost++) {
    const now = await store.get('counter.json');
    if (now === null) throw new Error('no counter');
    const next = Buffer.from(String(Number(Buffer.from(now.body).toString()) + 1));
    try {
      await store.put('counter.json', next, { etag: now.etag });
      return lost;
    } catch (error) {
      if (!(error instanceof StoreConflictError)) throw error;
    }
  }
}

const TASKS: Record<string, () => Promise<void>> = {
  async increment() {
    let lost = 0;
    for (let i = 0; i < count; i++) lost += await increment();
    print({ lost });
  },
  async 'increment forever'() {
    print('begun');
    for (;;) await increment();
  },
  async 'write forever'() {
    print('begun');
    for (let i = 0; ; i++) {
      await store.put(`new/${process.pid}-${i}.bin`, new Uint8Array(count).fill(7), 'absent');
      await store.put('same.bin', new Uint8Array(count).fill(7), 'anything');
    }
  },
  async create() {
    const won: number[] = [];
    for (let i = 0; i < count; i++) {
      try {
        await store.put(`claims/${i}.json`, Buffer.from(String(process.pid)), 'absent');
        won.push(i);
      } catch (error) {
        if (!(error instanceof StoreConflictError)) throw error;
      }
    }
    print({ pid: process.pid, won });
  },
  async 'create and delete'() {
    for (let i = 0; i < count; i++) {
      await store.put(`shared/folder/${process.pid}.txt`, new Uint8Array(1), 'absent');
      await store.delete(`shared/folder/${process.pid}.txt`);
    }
    print('done');
  },
  async 'hold the lock'() {
    const { DatabaseSync } = await import('node:sqlite');
    const lock = new DatabaseSync(`${folder}/.lock`);
    lock.exec('BEGIN IMMEDIATE');
    print('held');
    setInterval(() => lock.isOpen, 1000);
  },
  async 'write once'() {
    if (process.env.AS_USER) process.setuid?.(Number(process.env.AS_USER));
    try {
      print({ etag: await store.put('some/file.bin', new Uint8Array(count), 'absent') });
    } catch (error) {
      print(
        error instanceof StoreError
          ? { name: error.name, key: error.key, message: error.message }
          : String(error),
      );
    }
  },
};

await TASKS[task]?.();
