// A process of its own that writes to a folder store, for the tests of what holds between processes.
// Arguments: what to do, the folder, and a number. Prints one line of JSON when it is done.
import { folderStore } from '../../lib/store/folder/folder-store.ts';
import { StoreConflictError, StoreError } from '../../lib/store/store.ts';

const [, , task = '', folder = '', number = '0'] = process.argv;
const store = folderStore(folder);
const count = Number(number);
const tell = (result: unknown) => process.stdout.write(`${JSON.stringify(result)}\n`);

/** Adds one to the counter by compare-and-swap, as often as it takes; resolves to the number of lost races. */
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
    tell({ lost });
  },
  async 'increment for ever'() {
    tell('begun');
    for (;;) await increment();
  },
  async 'write for ever'() {
    tell('begun');
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
    tell({ pid: process.pid, won });
  },
  async 'come and go'() {
    for (let i = 0; i < count; i++) {
      await store.put(`shared/folder/${process.pid}.txt`, new Uint8Array(1), 'absent');
      await store.delete(`shared/folder/${process.pid}.txt`);
    }
    tell('done');
  },
  async 'hold the lock'() {
    const { DatabaseSync } = await import('node:sqlite');
    const lock = new DatabaseSync(`${folder}/.lock`);
    lock.exec('BEGIN IMMEDIATE');
    tell('held');
    setInterval(() => lock.isOpen, 1000);
  },
  async 'write once'() {
    if (process.env.AS_USER) process.setuid?.(Number(process.env.AS_USER));
    try {
      tell({ etag: await store.put('some/file.bin', new Uint8Array(count), 'absent') });
    } catch (error) {
      tell(
        error instanceof StoreError
          ? { name: error.name, key: error.key, message: error.message }
          : String(error),
      );
    }
  },
};

await TASKS[task]?.();
